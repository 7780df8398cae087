// A signature drawn by finger or mouse; it is handed in as a picture, like an uploaded one. Works in Chromium 70.
(function () {
  "use strict";

  function begin(box) {
    box.dataset.sign = "ready";
    const canvas = box.querySelector("canvas");
    const tools = box.querySelector(".sign-tools");
    const input = box.querySelector("[type=file]");
    const said = box.querySelector("[data-sign-said]");
    const pen = canvas.getContext("2d");
    let drawing = false;
    canvas.hidden = false;
    tools.hidden = false;

    function wipe() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.strokeStyle = "#000";
      pen.lineWidth = 4;
      pen.lineCap = "round";
      pen.lineJoin = "round";
    }

    function where(event) {
      const shown = canvas.getBoundingClientRect();
      return [
        ((event.clientX - shown.left) * canvas.width) / shown.width,
        ((event.clientY - shown.top) * canvas.height) / shown.height,
      ];
    }

    function keep() {
      canvas.toBlob(function (blob) {
        const transfer = new DataTransfer();
        transfer.items.add(new File([blob], "signature.png", { type: "image/png" }));
        input.files = transfer.files;
        const kept = box.parentElement.querySelector(".signed input");
        if (kept) kept.checked = false;
        said.textContent = _("已签名");
      }, "image/png");
    }

    canvas.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo.apply(pen, where(event));
      pen.lineTo.apply(pen, where(event));
      pen.stroke();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!drawing) return;
      pen.lineTo.apply(pen, where(event));
      pen.stroke();
    });
    ["pointerup", "pointercancel"].forEach(function (end) {
      canvas.addEventListener(end, function () {
        if (drawing) keep();
        drawing = false;
      });
    });
    box.querySelector("[data-sign-again]").addEventListener("click", function () {
      wipe();
      input.value = "";
      said.textContent = _("已擦去，请重新签");
    });
    wipe();
  }

  function find() {
    document.querySelectorAll('[data-sign=""]').forEach(begin);
  }

  document.addEventListener("htmx:after:swap", find);
  find();
})();
