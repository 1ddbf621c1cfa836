"""`serve`: answers requests for recommendations over HTTP, from a checkpoint."""

from collections.abc import Sequence

from recbole_fn.cli.checkpoint_parser import CheckpointParser
from recbole_fn.environment.packages import require_extra

_DESCRIPTION = """\
Serves a checkpoint: POST /recommend with histories, /health, a page at / to try it, and at /docs
what there is. It needs: pip install "recbole_fn[serve]". Ctrl-C or SIGTERM stops it."""
EXAMPLES = (
    "",
    "--port=9000",
    "--host=0.0.0.0 --token_file=token.txt",
)


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth"]).host
        '127.0.0.1'
    """
    made = CheckpointParser("serve", _DESCRIPTION, EXAMPLES)
    add = made.add_argument_group("where it listens").add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="any but this machine's own needs a token (default: 127.0.0.1)",
    )
    add("--port", type=int, default=8000, help="0 for any that is free (default: 8000)")
    add("--token_file", metavar="FILE", help="the token that clients must send is in it")
    return made


def run(arguments: Sequence[str]) -> int:
    """Serves until it is stopped.

    Arguments, exit code and mistakes are those of each subcommand, see `dispatch.main`.

    Examples:
        It serves until it is asked to stop, so in a process of its own:

        >>> import sys
        >>> from subprocess import PIPE, Popen
        >>> command = [sys.executable, "-m", "recbole_fn", "serve", "--port=0"]
        >>> with Popen([*command, f"--checkpoint={model_file}"], stdout=PIPE, text=True) as process:
        ...     print(process.stdout.readline())
        ...     process.terminate()
        ...     print(process.communicate()[0])
        Serving .../SASRec-....pth at http://127.0.0.1:... (Ctrl-C stops)
        <BLANKLINE>
        Stopped
        <BLANKLINE>
        >>> process.returncode
        0
    """
    options = parser().parse(arguments)
    require_extra("serve")
    from recbole_fn.serving.running import serve

    serve(options.checkpoint, options.host, options.port, options.token_file)
    return 0
