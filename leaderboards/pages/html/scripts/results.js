// The table of results: its columns, their chooser, and what is known of one row.

const results = { table: null, columns: [], scales: {} };

const ARROW = { higher: " ↑", lower: " ↓", zero: " →0", one: " →1" };

function scoreColumn(measure) {
  const number = measureNumber.get(measure.name);
  return {
    name: measure.name,
    title: measure.column + ARROW[measure.better],
    group: "Measures",
    describe: measure.title,
    number: true,
    best: measure.better,
    hidden: measure.name !== choice.measure,
    value: (row) => (row.scores[number] ? row.scores[number][0] : null),
    show: (row) => {
      const score = row.scores[number];
      return score ? drawnCell(fixed(score[0]), score, results.scales[measure.name]) : NOTHING;
    },
  };
}

function gainColumn(kind) {
  return {
    name: `gain-${kind}`,
    title: { cox: "gain over Cox", own: "gain over own unimodal", plain: "gain over fusion_average" }[kind],
    group: "Gains",
    number: true,
    best: rankedBy.better,
    hidden: kind !== "cox",
    value: (row) => (row.gains && row.gains[kind] && row.gains[kind].value ? row.gains[kind].value[0] : null),
    show: (row) => {
      const gain = row.gains && row.gains[kind];
      if (!gain) return NOTHING;
      return gain.value
        ? drawnCell(gainText(gain), gain.value, results.scales[`gain-${kind}`], true)
        : element("span", { class: "quiet" }, shownText(gain.reason));
    },
  };
}

function costColumn(name, title, more) {
  return {
    name,
    title,
    group: "Costs",
    number: true,
    hidden: true,
    value: (row) => row[name] ?? null,
    show: (row) => significant(row[name]),
    ...more,
  };
}

function resultColumns() {
  const labels = [...new Set(rows.flatMap((row) => Object.keys(row.labels || {})))];
  const some = (name) => rows.some((row) => isNumber(row[name]));
  const gains = Object.keys(GAINS).filter((kind) => rows.some((row) => row.gains && row.gains[kind]));
  const found = [
    {
      name: "name",
      title: "method",
      group: "Row",
      head: true,
      value: (row) => row.name,
      show: (row) =>
        element(
          "button",
          { type: "button", click: (event) => showRow(row, event.currentTarget) },
          isolated(cutText(row.name, 80)),
        ),
    },
    {
      name: "dataset",
      title: "dataset",
      group: "Row",
      hidden: datasets.length < 2,
      value: (row) => row.dataset,
      show: (row) => datasetLink(row.dataset),
    },
    { name: "rank", title: "rank", group: "Row", number: true, value: (row) => row.rank ?? null },
    { name: "ties", title: "ties", group: "Row", hidden: !rankedBy.tested, value: ties },
    { name: "reads", title: "reads", group: "Row", value: reads },
    { name: "family", title: "family", group: "Row", hidden: true, value: (row) => row.family },
    {
      name: "cells",
      title: "folds ok",
      group: "Row",
      hidden: true,
      value: (row) => row.cells[0] / row.cells[1],
      show: (row) => row.cells.join(" of "),
    },
    ...measures.map(scoreColumn),
    ...gains.map(gainColumn),
    costColumn("fit", "fit s", { hidden: false }),
    costColumn("latency", "ms/patient"),
    costColumn("memory", "MiB"),
    ...[
      ["parameters", "M parameters"],
      ["teacher", "teacher s"],
      ["tuning", "tune s"],
    ]
      .filter(([name]) => some(name))
      .map(([name, title]) => costColumn(name, title)),
    ...labels.map((label) => ({
      name: `label-${label}`,
      title: label,
      group: "Made of",
      hidden: true,
      value: (row) => (row.labels || {})[label] ?? null,
      show: (row) => ((row.labels || {})[label] ? shownText(row.labels[label], 60) : NOTHING),
    })),
    {
      name: "flags",
      title: "signs of trouble",
      group: "Row",
      hidden: true,
      prose: true,
      value: (row) => [row.problem, ...row.flags].filter(Boolean).join("; ") || null,
      show: (row) => shownText([row.problem, ...row.flags].filter(Boolean).join("; ") || NOTHING),
    },
  ];
  // A phone shows name and score side by side.
  const first = (column) => (column.head ? 0 : narrow.matches && column.group === "Measures" ? 1 : 2);
  return d3.sort(found, first);
}

function ties(row) {
  if (row.control && isNumber(row.value)) return "control";
  if (row.letters) return row.letters;
  return row.state === "skipped" ? "skipped" : isNumber(row.rank) ? null : `${row.cells[0]}/${row.cells[1]} ok`;
}

function datasetLink(name) {
  return element("a", { href: `#dataset/${encodeURIComponent(name)}` }, isolated(cutText(name, 40)));
}

function makeResults() {
  results.columns = resultColumns();
  if (narrow.matches) {
    for (const column of results.columns) {
      if (["ties", "reads", "fit", "gain-cox"].includes(column.name)) column.hidden = true;
    }
  }
  scaleResults(chosen());
  const at = (name) => results.columns.findIndex((column) => column.name === name);
  results.table = makeTable(document.getElementById("results"), {
    label: "Results, scrolls sideways",
    columns: results.columns,
    data: chosen(),
    order: [
      [at("dataset"), "asc"],
      [at("rank"), "asc"],
    ],
  });
  tables.push(results.table);
  document.getElementById("letters").hidden = !rankedBy.tested;
  makeChooser();
  sayResults();
}

/** Give each drawn column the scale of the rows that are shown. */
function scaleResults(shown) {
  for (const measure of measures) {
    const values = shown.map((row) => scoreOf(row, measure.name)).filter(Boolean);
    results.scales[measure.name] = drawingScale(values);
  }
  for (const kind of Object.keys(GAINS)) {
    const values = shown.map((row) => row.gains && row.gains[kind] && row.gains[kind].value).filter(Boolean);
    results.scales[`gain-${kind}`] = drawingScale(values, true);
  }
}

function filterResults() {
  const shown = chosen();
  scaleResults(shown);
  results.table.clear().rows.add(shown).draw();
  sayResults();
}

/** Show or hide a column; what it shows is drawn anew. */
function showColumn(name, shown) {
  const column = results.columns.find((one) => one.name === name);
  if (Boolean(column.hidden) !== shown) return;
  column.hidden = !shown;
  results.table.column(`${name}:name`).visible(shown);
  if (shown) filterResults();
}

/** Show the column of the chosen measure in place of the last one, and sort by it where it is not the one that ranks. */
function showMeasure(previous) {
  if (previous !== choice.measure) showColumn(previous, false);
  showColumn(choice.measure, true);
  const at = (name) => results.table.column(`${name}:name`).index();
  results.table.order(
    choice.measure === content.ranked_by
      ? [
          [at("dataset"), "asc"],
          [at("rank"), "asc"],
        ]
      : [[at(choice.measure), chosenMeasure().better === "higher" ? "desc" : "asc"]],
  );
  results.table.draw();
  for (const box of document.querySelectorAll("#columns input")) {
    box.checked = !results.columns.find((one) => one.name === box.dataset.column).hidden;
  }
}

function makeChooser() {
  const groups = d3.group(
    results.columns.filter((column) => !column.head),
    (column) => column.group,
  );
  const boxes = [...groups].map(([group, columns]) =>
    element("div", { role: "group", "aria-label": group }, element("strong", {}, group), ...columns.map(chooserBox)),
  );
  document.getElementById("columns").replaceChildren(...boxes);
}

function chooserBox(column) {
  const box = element("input", {
    type: "checkbox",
    "data-column": column.name,
    change: (event) => showColumn(column.name, event.target.checked),
  });
  box.checked = !column.hidden;
  return element("label", { title: column.describe || null }, box, element("span", {}, column.title));
}

/** Say what the table is of: the sentences of the one dataset, or the measure that ranks. */
function sayResults() {
  const host = document.getElementById("results-words");
  const dataset = datasets.find((one) => one.name === choice.dataset);
  const other =
    choice.measure !== content.ranked_by
      ? [
          element(
            "p",
            {},
            `Ranks, letters and gains are by ${rankedBy.column} (${rankedBy.title}), not by ${chosenMeasure().column}.`,
          ),
        ]
      : [];
  if (!dataset) {
    host.replaceChildren(...(content.words.length ? [sentenceList(content.words)] : []), ...other);
    return;
  }
  const warning = dataset.warning ? [element("p", { class: "warning" }, `${dataset.warning}.`)] : [];
  host.replaceChildren(...warning, sentenceList(dataset.words), ...other);
}

const sentenceList = (sentences) =>
  element("ul", {}, ...sentences.map((sentence) => element("li", {}, shownText(sentence, 600))));

/** Say in words what the letters of a row say: from which rows of its dataset it is not separated, and from which it is. */
function tiesInWords(row) {
  if (!row.letters) return [];
  const own = new Set(lettersOf(row.letters));
  const others = datasets
    .find((one) => one.name === row.dataset)
    .rows.filter((other) => other.letters && other !== row);
  const named = (some) => shownText(some.map((other) => cutText(other.name, 80)).join(", ") || "none", 400);
  const [tied, apart] = [true, false].map((shared) =>
    others.filter((other) => lettersOf(other.letters).some((letter) => own.has(letter)) === shared),
  );
  return [
    ["cannot be told from", named(tied)],
    ["separated from", named(apart)],
  ];
}

/** Open what is known of a row below the table. */
function showRow(row, opener) {
  const host = document.getElementById("row-details");
  const pairs = [
    ["dataset", datasetLink(row.dataset)],
    ["reads", reads(row)],
    ["family", row.family],
    ["folds", `${row.cells[0]} of ${row.cells[1]} ok`],
    isNumber(row.value) ? [`${rankedBy.column}, as ranked`, fixed(row.value)] : null,
    isNumber(row.rank) ? ["rank", `${row.rank}${row.letters ? `, ties ${row.letters}` : ""}`] : null,
    ...tiesInWords(row),
    ...measures.map((measure) => {
      const score = scoreOf(row, measure.name);
      return score
        ? [measure.column, `${fixed(score[0])}${score.length > 1 ? ` [${fixed(score[1])}, ${fixed(score[2])}]` : ""}`]
        : null;
    }),
    ...Object.keys(GAINS).map((kind) =>
      row.gains && row.gains[kind] ? [`gain over ${row.gains[kind].over}`, gainText(row.gains[kind])] : null,
    ),
    ...Object.entries(row.labels || {}).map(([label, text]) => [label, shownText(text)]),
    ...Object.entries(COSTS).map(([name, title]) => (isNumber(row[name]) ? [title, significant(row[name])] : null)),
    row.settings ? ["settings", shownText(row.settings, 400)] : null,
    ...[row.problem, ...row.flags].filter(Boolean).map((text) => ["note", shownText(text, 400)]),
  ].filter(Boolean);
  host.replaceChildren(
    element("h3", {}, shownText(row.name, 400)),
    element("dl", {}, ...pairs.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)])),
    element(
      "button",
      {
        type: "button",
        click: () => {
          host.replaceChildren();
          opener.focus();
        },
      },
      "Close",
    ),
  );
  host.focus();
}
