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
  document
    .getElementById("ranks-difference")
    .replaceChildren(
      figure(
        `Mean ranks${overall.rows.some((row) => row.letters) ? "; at the right, methods on one line are not separated (where there is no room, see the letters in the table)" : ""}`,
        drawDifference,
      ),
    );
  const most = d3.max(overall.rows, (row) => d3.max(row.ranks));
  const letters = overall.rows.some((row) => row.letters);
  const shade = (rank) => (most > 1 ? 1 - (rank - 1) / (most - 1) : 1);
  tables.push(
    makeTable(document.getElementById("ranks"), {
      label: "Rank of each method on each dataset, scrolls sideways",
      data: overall.rows,
      order: [[letters ? 2 : 1, "asc"]],
      pageLength: 50,
      columns: [
        { name: "name", title: "method", head: true, value: (row) => row.name, show: (row) => shownText(row.name, 80) },
        ...(letters ? [{ name: "ties", title: "ties", value: (row) => row.letters }] : []),
        { name: "mean", title: "mean rank", number: true, value: (row) => row.mean, show: (row) => fixed(row.mean, 2) },
        ...(overall.rows.some((row) => row.gain)
          ? [
              {
                name: "gain",
                title: "mean gain over Cox",
                number: true,
                value: (row) => (row.gain ? row.gain[0] : null),
                show: (row) =>
                  row.gain ? `${signed(row.gain[0])} [${signed(row.gain[1])}, ${signed(row.gain[2])}]` : NOTHING,
              },
            ]
          : []),
        ...overall.datasets.map((name, number) => ({
          name: `rank-${number}`,
          title: shortText(name, 24),
          number: true,
          rankOf: (row) => row.ranks[number],
          value: (row) => row.ranks[number],
          show: (row) => `${row.ranks[number]}${(row.failed || []).includes(number) ? "!" : ""}`,
        })),
      ],
      cell: (td, row, column) => {
        if (!column.rankOf) return;
        td.classList.add("rank-cell");
        td.style.setProperty("--shade", shade(column.rankOf(row)).toFixed(3));
      },
    }),
  );
}

// So wide is the line of a group; where there is no room for all, the first are drawn.
const GROUP_WIDTH = 16;

/**
 * Draw the critical-difference diagram: mean ranks with names, best on top; Nemenyi's critical difference as a bar on the
 * axis; at the right a line for each group that Wilcoxon's tests do not separate, with a dot at each of its members.
 */
function drawDifference(width) {
  const overall = content.overall;
  const { fitted, margin } = fittedNames(
    overall.rows.map((row) => row.name),
    width,
  );
  const points = overall.rows.map((row, key) => ({
    key,
    name: row.name,
    mean: row.mean,
    letters: lettersOf(row.letters),
  }));
  const room = Math.max(2, Math.floor((Math.min(width, 900) - margin - 170) / GROUP_WIDTH));
  const letters = [...new Set(points.flatMap((point) => point.letters))].slice(0, room);
  const groups = letters.map((letter, number) => ({
    letter,
    dx: 52 + GROUP_WIDTH * number,
    members: points.filter((point) => point.letters.includes(letter)),
  }));
  const difference = overall.critical_difference;
  const low = Math.max(1, Math.floor(d3.min(points, (point) => point.mean)));
  const high = Math.ceil(
    Math.max(
      d3.max(points, (point) => point.mean),
      difference ? low + difference : 0,
    ),
  );
  return plotted(
    `Mean ranks of ${points.length} methods over ${overall.datasets.length} datasets; the best is ${points[0].name} with ${fixed(points[0].mean, 2)}.`,
    {
      width: Math.min(width, 900),
      marginLeft: margin,
      marginRight: 48 + GROUP_WIDTH * groups.length,
      marginTop: difference ? 76 : 50,
      marginBottom: 8,
      height: points.length * 20 + (difference ? 90 : 62),
      x: {
        label: "mean rank (1 is best)",
        domain: [low, high],
        axis: "top",
        ticks: 6,
        labelAnchor: "center",
        labelOffset: 44,
        labelArrow: "none",
      },
      y: {
        label: null,
        type: "point",
        domain: points.map((point) => point.key),
        tickFormat: (key) => fitted[key],
        tickSize: 0,
      },
      marks: [
        Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks: 6 }),
        Plot.ruleY(points, { x1: low, x2: "mean", y: "key", stroke: "var(--line)" }),
        ...groups.map((group) => [
          Plot.link([group], {
            x1: high,
            x2: high,
            y1: (one) => one.members[0].key,
            y2: (one) => one.members[one.members.length - 1].key,
            dx: group.dx,
            stroke: "var(--worse)",
            strokeWidth: 2,
          }),
          Plot.dot(group.members, { x: high, y: "key", dx: group.dx, r: 3.5, fill: "var(--worse)" }),
          Plot.text([group], { x: high, y: (one) => one.members[0].key, text: "letter", dx: group.dx, dy: -12 }),
        ]),
        ...(difference
          ? [
              Plot.link([difference], {
                x1: low,
                x2: low + difference,
                y1: 0,
                y2: 0,
                dy: -66,
                stroke: "currentColor",
                strokeWidth: 2,
                markerStart: "tick",
                markerEnd: "tick",
              }),
              Plot.text([difference], {
                x: low,
                y: 0,
                dy: -76,
                textAnchor: "start",
                text: (value) => `critical difference ${fixed(value, 2)} (Nemenyi)`,
              }),
            ]
          : []),
        Plot.dot(points, { x: "mean", y: "key", r: 4.5, fill: "var(--accent)" }),
        Plot.text(points, {
          x: "mean",
          y: "key",
          text: (point) => fixed(point.mean, 2),
          dx: 9,
          textAnchor: "start",
          fill: "currentColor",
          stroke: "var(--page)",
          strokeWidth: 4,
        }),
      ],
    },
  );
}

const lettersOf = (letters) => (letters ? (letters.includes(",") ? letters.split(",") : Array.from(letters)) : []);
