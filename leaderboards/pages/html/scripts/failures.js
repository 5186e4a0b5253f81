// What failed, was skipped, or shows a sign of trouble, with its cause.

let failureTable = null;

function failureRows() {
  return chosen().flatMap((row) => [
    ...(row.problem ? [{ row, kind: row.state === "complete" ? "not measured" : row.state, text: row.problem }] : []),
    ...row.flags.map((flag) => ({ row, kind: "sign of trouble", text: flag })),
  ]);
}

const KINDS = ["failed", "incomplete", "not measured", "skipped", "sign of trouble"];

function showFailures() {
  const data = failureRows();
  if (failureTable) {
    failureTable.clear().rows.add(data).draw();
    return;
  }
  const columns = [
    {
      name: "name",
      title: "method",
      head: true,
      value: (one) => one.row.name,
      show: (one) => shownText(one.row.name, 80),
    },
    {
      name: "dataset",
      title: "dataset",
      value: (one) => one.row.dataset,
      show: (one) => datasetLink(one.row.dataset),
    },
    { name: "kind", title: "what", value: (one) => KINDS.indexOf(one.kind), show: (one) => one.kind },
    {
      name: "cells",
      title: "folds ok",
      value: (one) => one.row.cells[0] / one.row.cells[1],
      show: (one) => one.row.cells.join(" of "),
    },
    { name: "cause", title: "cause", prose: true, value: (one) => one.text, show: (one) => shownText(one.text, 300) },
  ];
  if (narrow.matches) columns.splice(1, 0, columns.pop()); // a phone shows the cause beside the name
  failureTable = makeTable(document.getElementById("failures"), {
    label: "Failures, scrolls sideways",
    data,
    order: [[columns.findIndex((column) => column.name === "kind"), "asc"]],
    columns,
  });
  tables.push(failureTable);
}
