// For narrow screens, the keyboard and screen readers; the pages work without it.
const scrollers = () => document.querySelectorAll(".content .table-wrapper, .content pre");

function markScrollers() {
  for (const part of scrollers()) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

// Where a row is shown as a block (tables.css), each cell says which column it is of.
function labelCells(table) {
  const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, column) => { cell.dataset.column = names[column]; });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[role=heading]:not([aria-level])").forEach((part) => { part.ariaLevel = "2"; });
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages of this documentation");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "Sections of this page");
  document.querySelectorAll("table.stacked").forEach(labelCells);
  markScrollers();
});
addEventListener("resize", markScrollers);
