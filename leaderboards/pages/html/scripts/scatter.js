// Quality against cost, and discrimination against calibration: points in the plane, a figure a dataset.

function showCost() {
  const measure = chosenMeasure();
  const figures = shownDatasets().map((dataset) => {
    const points = pointsOf(dataset, measure, (row) => (row[choice.cost] > 0 ? [row[choice.cost]] : null));
    return scatter(dataset, points, measure, { label: COSTS[choice.cost], logarithmic: true, smaller: true });
  });
  document.getElementById("cost-figures").replaceChildren(...figures);
}

function showCalibration() {
  const measure = chosenMeasure();
  const host = document.getElementById("calibration-figures");
  if (!measureNumber.has("ici")) {
    host.replaceChildren(element("p", {}, "No row of these boards has an ICI."));
    return;
  }
  host.replaceChildren(
    ...shownDatasets().map((dataset) =>
      scatter(
        dataset,
        pointsOf(dataset, measure, (row) => scoreOf(row, "ici")),
        measure,
        { label: "ICI (0 is best)", logarithmic: false, smaller: true },
      ),
    ),
  );
}

function pointsOf(dataset, measure, acrossOf) {
  return chosen(dataset.name)
    .map((row) => ({ row, across: acrossOf(row), up: scoreOf(row, measure.name) }))
    .filter((point) => point.across && point.up)
    .map(({ row, across, up }) => ({
      name: row.name,
      rank: row.rank,
      control: row.control,
      x: across[0],
      xLow: across[1],
      xHigh: across[2],
      y: up[0],
      low: up[1],
      high: up[2],
    }));
}

function scatter(dataset, points, measure, axis) {
  const loss = (point) =>
    ({ higher: -point.y, lower: point.y, zero: Math.abs(point.y), one: Math.abs(point.y - 1) })[measure.better];
  const front = frontOf(points, loss);
  const note = front.length
    ? element(
        "p",
        { class: "quiet" },
        "Not beaten in both: ",
        shownText(front.map((point) => `${isNumber(point.rank) ? `${point.rank} ` : ""}${point.name}`).join(", "), 300),
      )
    : null;
  return figure(
    shortText(dataset.name),
    (width) => (points.length ? drawScatter(dataset, points, front, measure, axis, width) : null),
    { note },
  );
}

/** Return the points that no other one beats in both directions, from the cheapest on. */
function frontOf(points, loss) {
  let best = Infinity;
  return d3
    .sort(
      points.filter((point) => !point.control),
      (point) => point.x,
      loss,
    )
    .filter((point) => {
      if (loss(point) >= best) return false;
      best = loss(point);
      return true;
    });
}

function drawScatter(dataset, points, front, measure, axis, width) {
  const onFront = new Set(front);
  const [from, to] = usefulDomain(points.map((point) => [point.y, point.low, point.high]));
  const inside = (value) => Math.min(to, Math.max(from, value));
  const options = {
    width,
    height: Math.min(420, Math.max(280, width * 0.62)),
    marginLeft: 52,
    marginBottom: 48,
    marginRight: 20,
    x: {
      label: axis.label,
      type: axis.logarithmic ? "log" : "linear",
      nice: true,
      zero: !axis.logarithmic,
      labelAnchor: "center",
      labelOffset: 40,
      labelArrow: "none",
    },
    y: { label: measure.column + ARROW[measure.better], domain: [from, to], labelArrow: "none" },
  };
  const ticks = axis.logarithmic ? decades(points) : Math.max(3, Math.floor(width / 110));
  options.x.ticks = ticks;
  if (axis.logarithmic) options.x.tickFormat = significant;
  const marks = [
    Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks }),
    Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
    Plot.ruleX(
      points.filter((point) => isNumber(point.low)),
      {
        x: "x",
        y1: (point) => inside(point.low),
        y2: (point) => inside(point.high),
        stroke: "var(--edge)",
        strokeOpacity: 0.45,
      },
    ),
    Plot.line(front, {
      x: "x",
      y: (point) => inside(point.y),
      curve: "step-after",
      stroke: "var(--accent)",
      strokeWidth: 1.5,
    }),
    Plot.dot(points, {
      x: "x",
      y: (point) => inside(point.y),
      r: 5,
      symbol: (point) => (inside(point.y) === point.y ? "circle" : "triangle"),
      rotate: (point) => (point.y < from ? 180 : 0),
      stroke: "var(--accent)",
      strokeWidth: 1.5,
      fill: (point) => (onFront.has(point) ? "var(--accent)" : "var(--page)"),
    }),
  ];
  const { x, y } = scalesOf({ ...options, marks });
  const numbered = apart(
    [...front, ...points.filter((point) => !onFront.has(point))].filter((point) => isNumber(point.rank)),
    (point) => [x.apply(point.x), y.apply(inside(point.y))],
  );
  return plotted(`${measure.column} against ${axis.label} on ${dataset.name}, ${points.length} rows.`, {
    ...options,
    symbol: { type: "identity" },
    marks: [
      ...marks,
      Plot.text(numbered, {
        x: "x",
        y: (point) => inside(point.y),
        text: (point) => String(point.rank),
        dy: -12,
        fill: "currentColor",
        stroke: "var(--page)",
        strokeWidth: 4,
      }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "x",
          y: (point) => inside(point.y),
          title: (point) =>
            `${shortText(point.name, 60)}\n${measure.column} ${fixed(point.y)}${isNumber(point.low) ? ` [${fixed(point.low)}, ${fixed(point.high)}]` : ""}\n${axis.label} ${significant(point.x)}`,
        }),
      ),
    ],
  });
}

/** Return the scales of a plot before it is drawn with all its marks. */
function scalesOf(options) {
  const drawn = Plot.plot({ ...options, symbol: { type: "identity" } });
  return { x: drawn.scale("x"), y: drawn.scale("y") };
}

/** Return the powers of ten about the points, and thirds of them where there are few. */
function decades(points) {
  const [low, high] = d3.extent(points, (point) => Math.log10(point.x));
  const powers = d3.range(Math.floor(low), Math.ceil(high) + 1);
  const ticks = powers.map((power) => 10 ** power);
  return powers.length > 3 ? ticks : d3.sort([...ticks, ...ticks.map((tick) => 3 * tick)]);
}

/** Return the points whose numbers do not cover each other, those that come first before others. */
function apart(points, place) {
  const taken = [];
  return points.filter((point) => {
    const [x, y] = place(point);
    if (taken.some(([left, top]) => Math.abs(left - x) < 17 && Math.abs(top - y) < 13)) return false;
    taken.push([x, y]);
    return true;
  });
}
