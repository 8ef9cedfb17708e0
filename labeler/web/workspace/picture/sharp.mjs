/* The picture at full size, fetched only when the display copy has no more pixels to show. It is laid over the display
   copy, in the same box, once it is decoded: nothing moves, and without a connection the display copy just stays. */

export function mount_sharp({ root, timeline }) {
  let asked = null;
  root.addEventListener("item", () => {
    asked = null;
  });

  return async (scale) => {
    const entry = timeline.current;
    const copy = entry?.picture;
    if (
      !copy ||
      asked === entry ||
      copy.naturalWidth >= entry.item.width ||
      scale * entry.item.width <= copy.naturalWidth
    )
      return;
    asked = entry;
    const image = new Image();
    Object.assign(image, {
      alt: "",
      draggable: false,
      src: new URL("original", new URL(entry.item.image_url, location.href)).href,
    }); // beside the display copy
    const failed = await image.decode().then(
      () => false,
      () => true,
    );
    if (failed) asked = null;
    else if (timeline.current === entry && copy.isConnected) copy.after(image);
  };
}
