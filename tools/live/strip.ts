// The map of a pool as a row of cells, low addresses first.

const KINDS: Record<string, string> = { "#": "whole", "+": "part", ".": "free", "@": "lock" };

/** A strip in an element, which it fills. */
export class Strip {
  constructor(private readonly root: HTMLElement) {}

  /** Shows a map as pool.map() writes it; "" clears it. */
  show(map: string): void {
    const { root } = this;
    while (root.children.length > map.length) root.lastChild!.remove();
    while (root.children.length < map.length) root.append(document.createElement("i"));
    for (let i = 0; i < map.length; i++) {
      const kind = KINDS[map[i]];
      if (root.children[i].className !== kind) root.children[i].className = kind;
    }
    root.dataset.map = map;
    root.setAttribute("aria-label", said(map));
  }
}

function said(map: string): string {
  const count = (kind: string) => map.split(kind).length - 1;
  const all = [["in use", count("#")], ["partly in use", count("+")], ["free", count(".")], ["with a locked block", count("@")]] as const;
  return `Map in ${map.length} parts: ${all.filter(([, n]) => n).map(([what, n]) => `${n} ${what}`).join(", ")}`;
}
