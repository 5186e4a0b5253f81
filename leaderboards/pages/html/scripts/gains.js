// Forest plots of paired gains.

function showGains() {
  const kind = choice.gain;
  const words = document.getElementById("gains-words");
  const better = rankedBy.better === "higher" ? "Right" : "Left";
  words.textContent = rankedBy.tested
    ? `${rankedBy.column} of a row less that of ${GAINS[kind]}, on the same patients, with its 95 % interval, not adjusted for ` +
      `the number of rows. ${better} of the line is better. A filled dot: the interval leaves zero out. A ring: it does not, and ` +
      "nothing can be said."
    : `By ${rankedBy.title} no pair of rows is tested on its patients, and there are no gains.`;
  const figures = shownDatasets()
    .map((dataset) => forest(dataset, kind))
    .filter(Boolean);
  const host = document.getElementById("gains-figures");
  host.replaceChildren(...figures);
  if (!figures.length) host.append(element("p", {}, `No row that the filters leave has a gain over ${GAINS[kind]}.`));
}

/** Return the forest plot of one dataset; null if no row has a gain. */
function forest(dataset, kind, { shown = chosen(dataset.name), caption = shortText(dataset.name) } = {}) {
  const found = shown.filter((row) => row.gains && row.gains[kind]);
  const told = found.filter((row) => row.gains[kind].value);
  if (!found.length) return null;
  const untold = found.filter((row) => row.gains[kind].reason);
  const note = untold.length
    ? element(
        "p",
        { class: "quiet" },
        "Without a gain: ",
        shownText(untold.map((row) => `${row.name} (${row.gains[kind].reason})`).join("; "), 300),
      )
    : null;
  return figure(caption, (width) => (told.length ? drawForest(dataset, told, kind, width) : null), { note });
}

function drawForest(dataset, told, kind, width) {
  const { fitted, margin } = fittedNames(
    told.map((row) => row.name),
    width,
  );
  const points = told.map((row, number) => {
    const [value, low, high] = row.gains[kind].value;
    return { key: number, name: row.name, over: row.gains[kind].over, value, low, high, side: side(row.gains[kind]) };
  });
  const colour = (point) => (point.side > 0 ? "var(--better)" : point.side < 0 ? "var(--worse)" : "currentColor");
  const [from, to] = usefulDomain(
    points.map((point) => [point.value, point.low, point.high]),
    true,
  );
  const inside = (end) => Math.min(to, Math.max(from, end));
  const beyond = points.flatMap((point) => [
    ...(point.low < from
      ? [
          {
            ...point,
            at: from,
            symbol: "◀",
            text: point.value < from ? ` ${signed(point.value)}` : "",
            anchor: "start",
          },
        ]
      : []),
    ...(point.high > to
      ? [{ ...point, at: to, symbol: "▶", text: point.value > to ? `${signed(point.value)} ` : "", anchor: "end" }]
      : []),
  ]);
  const ticks = Math.max(3, Math.floor((width - margin) / 90));
  const count = points.filter((point) => point.side > 0).length;
  return plotted(
    `Forest plot on ${dataset.name}: ${points.length} paired gains over ${GAINS[kind]}; the intervals of ${count} lie on the better side of zero.`,
    {
      width,
      marginLeft: margin,
      marginRight: 16,
      height: points.length * 20 + 56,
      marginTop: 8,
      marginBottom: 48,
      x: {
        label: `difference in ${rankedBy.column}`,
        labelAnchor: "center",
        labelOffset: 40,
        domain: [from, to],
        ticks,
      },
      y: {
        label: null,
        type: "point",
        domain: points.map((point) => point.key),
        tickFormat: (key) => fitted[key],
        tickSize: 0,
      },
      marks: [
        Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks }),
        Plot.ruleX([0], { stroke: "var(--edge)", strokeWidth: 1.5 }),
        Plot.ruleY(points, {
          x1: (point) => inside(point.low),
          x2: (point) => inside(point.high),
          y: "key",
          stroke: colour,
          strokeWidth: 2,
        }),
        Plot.dot(
          points.filter((point) => inside(point.value) === point.value),
          {
            x: "value",
            y: "key",
            r: 4,
            stroke: colour,
            strokeWidth: 2,
            fill: (point) => (point.side ? colour(point) : "var(--page)"),
          },
        ),
        ...["start", "end"].map((anchor) =>
          Plot.text(
            beyond.filter((point) => point.anchor === anchor),
            {
              x: "at",
              y: "key",
              textAnchor: anchor,
              fill: colour,
              stroke: "var(--page)",
              strokeWidth: 3,
              text: (point) => (anchor === "start" ? point.symbol + point.text : point.text + point.symbol),
            },
          ),
        ),
        Plot.tip(
          points,
          Plot.pointerY({
            x: (point) => inside(point.value),
            y: "key",
            title: (point) =>
              `${shortText(point.name, 60)}\n${signed(point.value)} [${signed(point.low)}, ${signed(point.high)}]\nover ${shortText(point.over, 60)}`,
          }),
        ),
      ],
    },
  );
}
