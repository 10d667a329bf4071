(function () {
  "use strict";
  var figures = JSON.parse(document.getElementById("figures").textContent);

  function rowsOf(columns) {
    var names = Object.keys(columns);
    var length = names.length ? columns[names[0]].length : 0;
    return Array.from({ length: length }, function (_, at) {
      var row = {};
      names.forEach(function (name) { row[name] = columns[name][at]; });
      return row;
    });
  }

  /* One tooltip for the page. Text goes in as text, never as HTML. */
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.appendChild(tip);

  function tell(handler, event, item, value) {
    if (value === null || value === undefined || typeof value !== "object") {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren();
    Object.keys(value).forEach(function (name) {
      var text = value[name];
      if (text === null || text === undefined || text === "null") { return; }
      var line = document.createElement("div");
      var key = document.createElement("span");
      var told = document.createElement("span");
      key.textContent = name;
      told.textContent = String(text);
      line.append(key, told);
      tip.append(line);
    });
    tip.hidden = false;
    var width = tip.offsetWidth, height = tip.offsetHeight;
    var left = event.clientX + 14, top = event.clientY + 14;
    if (left + width > window.innerWidth - 8) { left = Math.max(8, event.clientX - width - 14); }
    if (top + height > window.innerHeight - 8) { top = Math.max(8, event.clientY - height - 14); }
    tip.style.left = left + "px";
    tip.style.top = top + "px";
  }
  window.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true });

  function chosen(figure, data) {
    return data.choices[figure.dataset.choice || data.chosen];
  }

  function fillTable(figure, data) {
    var place = figure.querySelector("[data-table]");
    var columns = chosen(figure, data).rows;
    var names = Object.keys(columns);
    var table = document.createElement("table");
    var head = table.createTHead().insertRow();
    names.forEach(function (name) {
      var cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name.replace(/_/g, " ");
      head.append(cell);
    });
    var body = table.createTBody();
    rowsOf(columns).forEach(function (row) {
      var line = body.insertRow();
      names.forEach(function (name) {
        var cell = line.insertCell();
        cell.textContent = row[name] === null ? "–" : String(row[name]);
        if (typeof row[name] === "number") { cell.className = "number"; }
      });
    });
    place.replaceChildren(table);
  }

  var drawn = new WeakMap();

  function draw(figure) {
    var data = figures[figure.dataset.figure];
    var choice = chosen(figure, data);
    var place = figure.querySelector("[data-plot]");
    var spec = Object.assign({}, data.specs[choice.spec]);
    spec.datasets = { rows: rowsOf(choice.rows) };
    Object.keys(data.datasets).forEach(function (name) {
      spec.datasets[name] = rowsOf(data.datasets[name]);
    });
    figure.querySelector("[data-note]").textContent = choice.note;
    if (figure.querySelector("[data-numbers]").open) { fillTable(figure, data); }
    var before = drawn.get(figure);
    var now = window.vegaEmbed(place, spec, {
      mode: "vega-lite",
      actions: false,
      renderer: "svg",
      ast: true,
      defaultStyle: false,
      logLevel: 1, /* errors only; layout notes are for the author */
      tooltip: tell
    });
    drawn.set(figure, now);
    now.catch(function (error) {
      place.textContent = "This chart could not be drawn: " + error.message;
      console.error(error);
    });
    if (before) { before.then(function (result) { result.finalize(); }, function () {}); }
    return now;
  }

  var all = Array.from(document.querySelectorAll("figure[data-figure]"));
  all.forEach(function (figure) {
    var data = figures[figure.dataset.figure];
    figure.querySelectorAll("[data-choose]").forEach(function (control) {
      control.addEventListener("change", function () {
        figure.dataset.choice = control.value;
        draw(figure);
      });
    });
    figure.querySelector("[data-numbers]").addEventListener("toggle", function (event) {
      if (event.target.open) { fillTable(figure, data); }
    });
  });

  /* Charts are drawn when they come near the window, and the others when there is time. */
  function drawOnce(figure) {
    watcher.unobserve(figure);
    return drawn.get(figure) || draw(figure);
  }
  var watcher = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { drawOnce(entry.target); }
    });
  }, { rootMargin: "400px" });
  all.forEach(function (figure) { watcher.observe(figure); });
  var idle = window.requestIdleCallback || function (work) { return setTimeout(work, 50); };
  var next = 0;
  function drawNext() {
    if (next >= all.length) { return; }
    var done = drawOnce(all[next]);
    next += 1;
    done.then(function () { idle(drawNext); }, function () { idle(drawNext); });
  }
  idle(drawNext);
})();
