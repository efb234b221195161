/** An element with attributes and what is in it. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string>, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // a strict policy refuses styles as attributes
    if (name === "style") made.style.cssText = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}
