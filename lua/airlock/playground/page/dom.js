// Makes elements. Text goes in as text: nothing that a server said is ever read as HTML.

// el('p.soft', { id: 'x', onclick: f }, 'text', child, …); attributes that are null, undefined or false are left out.
export function el(what, attributes, ...children) {
  const [tag, ...classes] = what.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const get = (id) => document.getElementById(id);

// Puts children in place of what is there, unless the same was put there before: focus and selection stay.
export function fill(node, key, make) {
  const text = JSON.stringify(key);
  if (node.filledWith === text) return;
  node.filledWith = text;
  node.replaceChildren(...[make()].flat().filter(Boolean));
}
