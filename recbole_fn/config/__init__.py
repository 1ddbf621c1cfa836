"""Every `fn_` key and every class that a property file names, read and checked once."""
