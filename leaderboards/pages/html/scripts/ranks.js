// Ranks over the datasets: a table with a shade a rank, and the critical-difference diagram.

function showRanks() {
  const overall = content.overall;
  const words = document.getElementById("ranks-words");
  if (!overall) {
    words.replaceChildren(element("p", {}, "There is one dataset on this page: no ranks over several."));
    return;
  }
  words.replaceChildren(sentenceList(overall.sentences));
  if (!overall.rows.length || document.querySelector("#ranks table")) return;
  document.getElementById("ranks-difference").replaceChildren(
    figure(`Mean ranks${overall.rows.some((row) => row.letters) ? "; a bar joins rows that are not separated" : ""}`, drawDifference));
  const most = d3.max(overall.rows, (row) => d3.max(row.ranks));
  const letters = overall.rows.some((row) => row.letters);
  const shade = (rank) => (most > 1 ? 1 - (rank - 1) / (most - 1) : 1);
  tables.push(makeTable(document.getElementById("ranks"), {
    label: "Rank of each method on each dataset, scrolls sideways",
    data: overall.rows,
    order: [[letters ? 2 : 1, "asc"]],
    columns: [
      { name: "name", title: "method", head: true, value: (row) => row.name, show: (row) => shownText(row.name, 80) },
      ...(letters ? [{ name: "ties", title: "ties", value: (row) => row.letters }] : []),
      { name: "mean", title: "mean rank", number: true, value: (row) => row.mean, show: (row) => fixed(row.mean, 2) },
      ...overall.datasets.map((name, number) => ({
        name: `rank-${number}`, title: shortText(name, 24), number: true, rankOf: (row) => row.ranks[number], value: (row) => row.ranks[number],
        show: (row) => `${row.ranks[number]}${(row.failed || []).includes(number) ? "!" : ""}`,
      })),
    ],
    cell: (td, row, column) => {
      if (!column.rankOf) return;
      td.classList.add("rank-cell");
      td.style.setProperty("--shade", shade(column.rankOf(row)).toFixed(3));
    },
  }));
}

/** Draw mean ranks as dots with names, best on top, and the groups of Wilcoxon's tests as bars at the right. */
function drawDifference(width) {
  const overall = content.overall;
  const { most, margin } = nameMargin(overall.rows.map((row) => row.name), width);
  const points = overall.rows.map((row, key) => ({ key, name: row.name, mean: row.mean, letters: lettersOf(row.letters) }));
  const names = [...new Set(points.flatMap((point) => point.letters))];
  const bars = names.map((letter) => points.filter((point) => point.letters.includes(letter)))
    .map((group) => ({ group, low: group[0].mean, high: group[group.length - 1].mean, key: group[group.length - 1].key }))
    .filter((bar) => bar.group.length > 1);
  const low = Math.max(1, Math.floor(d3.min(points, (point) => point.mean)));
  const high = Math.ceil(d3.max(points, (point) => point.mean));
  const difference = overall.critical_difference;
  return plotted(`Mean ranks of ${points.length} methods over ${overall.datasets.length} datasets; the best is ${points[0].name} with ${fixed(points[0].mean, 2)}.`, {
    width: Math.min(width, 900),
    marginLeft: margin,
    marginRight: 20,
    marginTop: 50,
    marginBottom: 8,
    height: points.length * 20 + 62,
    x: { label: "mean rank (1 is best)", domain: [low, high], axis: "top", ticks: 6, labelAnchor: "center", labelOffset: 44, labelArrow: "none" },
    y: { label: null, domain: points.map((point) => point.key), tickFormat: (key) => shortText(points[key].name, most), tickSize: 0 },
    marks: [
      Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.ruleY(points, { x1: low, x2: "mean", y: "key", stroke: "var(--line)" }),
      ...bars.map((bar, number) => Plot.link([bar], {
        x1: "low", x2: "high", y1: (one) => one.group[0].key, y2: "key", stroke: "var(--worse)", strokeWidth: 3, strokeOpacity: 0.75, dx: 7 + 4 * (number % 4),
      })),
      Plot.dot(points, { x: "mean", y: "key", r: 4.5, fill: "var(--accent)" }),
      Plot.text(points, { x: "mean", y: "key", text: (point) => fixed(point.mean, 2), dx: -8, textAnchor: "end", fill: "currentColor", stroke: "var(--page)", strokeWidth: 4 }),
    ],
  });
}

const lettersOf = (letters) => (letters ? (letters.includes(",") ? letters.split(",") : Array.from(letters)) : []);
