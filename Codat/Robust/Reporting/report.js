(function () {
  "use strict";
  var root = document.documentElement;
  var toggle = document.getElementById("theme");
  var store = {
    get: function () { try { return localStorage.getItem("codat-theme"); } catch (e) { return null; } },
    set: function (value) { try { localStorage.setItem("codat-theme", value); } catch (e) { /* not from disk */ } }
  };
  function dark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  var saved = store.get();
  if (saved === "dark" || saved === "light") root.dataset.theme = saved;
  toggle.hidden = false;
  toggle.addEventListener("click", function () {
    root.dataset.theme = dark() ? "light" : "dark";
    store.set(root.dataset.theme);
  });
  document.querySelectorAll("button.copy").forEach(function (button) {
    var label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", function () {
      var rows = button.closest(".table").querySelectorAll("tr");
      var text = Array.from(rows, function (row) {
        return Array.from(row.cells, function (cell) { return cell.textContent.trim(); }).join("\t");
      }).join("\n");
      function done() {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = label; }, 1500);
      }
      function byHand() {
        var area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        done();
      }
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);
      else byHand();
    });
  });
  document.querySelectorAll("nav.bar a").forEach(function (link) {
    if (!document.getElementById(link.hash.slice(1))) link.remove();
  });
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
})();
