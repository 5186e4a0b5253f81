// Tables by DataTables: sorted by heading, in pages, missing values last in either direction.

const missing = (value) => value === null || value === undefined || value === "";

function missingLast(compare) {
  return (one, other) => (missing(one) ? (missing(other) ? 0 : 1) : missing(other) ? -1 : compare(one, other));
}

for (const [name, compare] of Object.entries({
  "page-number": (one, other) => one - other,
  "page-text": (one, other) => (one < other ? -1 : one > other ? 1 : 0),
})) {
  DataTable.type(name, {
    detect: () => false,
    order: { asc: missingLast(compare), desc: missingLast((one, other) => compare(other, one)) },
  });
}

/**
 * Make a table.
 *
 * A column: name, title, value(row) to sort by, show(row) to show (a text or a node; the value without it), number, head
 * (a heading of its row), best ("higher" is sorted from above first), hidden, prose, describe (what its heading means).
 */
function makeTable(host, { label, columns, data, order, pageLength = 25, cell }) {
  const table = element("table", {});
  host.replaceChildren(table);
  const made = new DataTable(table, {
    data,
    autoWidth: false,
    deferRender: true,
    order,
    pageLength,
    lengthMenu: [25, 50, 100, { label: "all", value: -1 }],
    layout: { topStart: null, topEnd: null, bottomStart: "info", bottomEnd: ["pageLength", "paging"] },
    language: {
      emptyTable: "No row fits the filters.",
      zeroRecords: "No row fits the filters.",
      info: "Rows _START_ to _END_ of _TOTAL_",
      infoEmpty: "No rows",
      lengthMenu: "Rows a page _MENU_",
    },
    columns: columns.map((column) => ({
      name: column.name,
      title: element("span", {}, column.title).innerHTML, // DataTables reads a title as markup
      data: null,
      visible: !column.hidden,
      type: column.number ? "page-number" : "page-text",
      cellType: column.head ? "th" : "td",
      className: [column.number ? "number" : "", column.head ? "name" : "", column.prose ? "prose" : ""]
        .join(" ")
        .trim(),
      orderSequence: column.best === "higher" ? ["desc", "asc"] : ["asc", "desc"],
      render: (_, type, row) => {
        if (type !== "display") return column.value(row);
        if (column.hidden) return ""; // drawn when the column is shown: most of them never are
        const shown = column.show ? column.show(row) : column.value(row);
        return shown instanceof Node ? shown : element("span", {}, missing(shown) ? NOTHING : String(shown));
      },
      createdCell: (td, _, row) => {
        if (column.head) td.setAttribute("scope", "row");
        if (cell) cell(td, row, column);
      },
    })),
    headerCallback: (head) => {
      for (const th of head.querySelectorAll("th")) th.setAttribute("scope", "col");
    },
  });
  for (const [number, column] of columns.entries()) {
    if (column.describe) made.column(number).header().title = column.describe;
  }
  // The part that scrolls sideways can be reached and scrolled by keyboard.
  const scroll = element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label });
  table.replaceWith(scroll);
  scroll.append(table);
  return made;
}

/** Print all rows of the tables, not the page of them that is shown. */
const tables = [];
window.addEventListener("beforeprint", () => {
  for (const table of tables) {
    table.shownLength = table.page.len();
    table.page.len(-1).draw(false);
  }
});
window.addEventListener("afterprint", () => {
  for (const table of tables) table.page.len(table.shownLength).draw(false);
});
