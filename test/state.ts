/** Remembers everything that can be reached from `roots`, fields and elements, but not what closures keep. Returns what puts it back. */
export function remember(...roots: object[]): () => void {
  const seen = new Set<object>();
  const undo: (() => void)[] = [];
  const todo = [...roots];
  const meet = (value: unknown): void => {
    if (value && typeof value === "object" && !seen.has(value)) seen.add(value), todo.push(value);
  };
  roots.forEach((one) => seen.add(one));
  for (let one: any = todo.pop(); one; one = todo.pop()) {
    const it = one;
    if (ArrayBuffer.isView(it)) {
      const copy = (it as Uint8Array).slice();
      undo.push(() => (it as Uint8Array).set(copy));
    } else if (it instanceof Map) {
      const copy = [...it];
      copy.forEach(([key, value]) => (meet(key), meet(value)));
      undo.push(() => (it.clear(), copy.forEach(([key, value]) => it.set(key, value))));
    } else if (it instanceof Set) {
      const copy = [...it];
      copy.forEach(meet);
      undo.push(() => (it.clear(), copy.forEach((value) => it.add(value))));
    } else if (Array.isArray(it)) {
      const copy = it.slice();
      copy.forEach(meet);
      undo.push(() => it.splice(0, it.length, ...copy));
    } else {
      const names = Object.keys(it);
      const values = names.map((name) => it[name]);
      values.forEach(meet);
      undo.push(() => {
        names.forEach((name, i) => it[name] !== values[i] && (it[name] = values[i]));
        const now = Object.keys(it);
        if (now.length !== names.length) for (const name of now) if (!names.includes(name)) delete it[name];
      });
    }
  }
  return () => undo.forEach((put) => put());
}
