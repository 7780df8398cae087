// Shrinks photos on the phone before they are sent, and shows them. Without it the server does the same.
// Works in Chromium 70, which does not turn photos by their EXIF note while drawing: there we turn them.
(function () {
  "use strict";

  const LONGEST = 1600;
  const browserTurns = CSS.supports("image-orientation", "from-image");

  function readOrientation(view) {
    if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1;
    let at = 2;
    while (at + 4 < view.byteLength) {
      const marker = view.getUint16(at);
      if (marker === 0xffe1) return orientationInExif(view, at + 4);
      if (marker < 0xff00) return 1;
      at += 2 + view.getUint16(at + 2);
    }
    return 1;
  }

  function orientationInExif(view, start) {
    if (view.getUint32(start) !== 0x45786966) return 1;
    const tiff = start + 6;
    const little = view.getUint16(tiff) === 0x4949;
    const directory = tiff + view.getUint32(tiff + 4, little);
    const entries = view.getUint16(directory, little);
    for (let i = 0; i < entries; i += 1) {
      const entry = directory + 2 + i * 12;
      if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
    }
    return 1;
  }

  async function orientation(file) {
    if (browserTurns) return 1;
    try {
      const head = await new Response(file.slice(0, 128 * 1024)).arrayBuffer();
      return readOrientation(new DataView(head));
    } catch (unreadable) {
      return 1;
    }
  }

  function load(file) {
    return new Promise(function (resolve, reject) {
      const image = new Image();
      image.onload = function () {
        resolve(image);
      };
      image.onerror = reject;
      image.src = URL.createObjectURL(file);
    });
  }

  // The EXIF note is one of eight; each is a matrix applied before drawing.
  function turn(context, note, width, height) {
    const matrices = {
      2: [-1, 0, 0, 1, width, 0],
      3: [-1, 0, 0, -1, width, height],
      4: [1, 0, 0, -1, 0, height],
      5: [0, 1, 1, 0, 0, 0],
      6: [0, 1, -1, 0, height, 0],
      7: [0, -1, -1, 0, height, width],
      8: [0, -1, 1, 0, 0, width],
    };
    if (matrices[note]) context.transform.apply(context, matrices[note]);
  }

  function draw(image, note) {
    const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
    const width = Math.round(image.naturalWidth * scale);
    const height = Math.round(image.naturalHeight * scale);
    const canvas = document.createElement("canvas");
    const onItsSide = note >= 5;
    canvas.width = onItsSide ? height : width;
    canvas.height = onItsSide ? width : height;
    const context = canvas.getContext("2d");
    turn(context, note, width, height);
    context.drawImage(image, 0, 0, width, height);
    return canvas;
  }

  async function shrink(file) {
    if (!/^image\//.test(file.type)) return file;
    try {
      const image = await load(file);
      const canvas = draw(image, await orientation(file));
      URL.revokeObjectURL(image.src);
      const blob = await new Promise(function (resolve) {
        canvas.toBlob(resolve, "image/jpeg", 0.82);
      });
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch (notAPicture) {
      return file;
    }
  }

  function preview(input, files) {
    const place = input.parentElement.querySelector(".previews");
    place.textContent = "";
    files.forEach(function (file, index) {
      const image = document.createElement("img");
      image.alt = _("选好的照片 {number}", { number: index + 1 });
      image.src = URL.createObjectURL(file);
      place.appendChild(image);
    });
  }

  function say(input, text) {
    const note = input.parentElement.querySelector(".file-note");
    note.textContent = text;
    note.hidden = !text;
  }

  document.addEventListener("change", async function (event) {
    const input = event.target;
    if (!input.matches("[data-photos]")) return;
    const most = Number(input.dataset.most) || Infinity;
    const chosen = Array.from(input.files).slice(0, most);
    say(input, input.files.length > most ? _("最多 {most} 张，已留下前 {most} 张。", { most }) : "");
    const small = await Promise.all(chosen.map(shrink));
    const transfer = new DataTransfer();
    small.forEach(function (file) {
      transfer.items.add(file);
    });
    input.files = transfer.files;
    preview(input, small);
  });
})();
