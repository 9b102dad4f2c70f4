// Elements, without a framework. Text is only ever set as text: what strangers wrote stays text.

/** Make an element; `of` are attributes, `on…` listeners among them; children are nodes or text. */
export function el(tag, of = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(of)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else attr(made, name, value);
  }
  made.append(...children);
  return made;
}

/** Set a text where it differs, so that nothing is laid out, or read aloud, for nothing. */
export function put(node, text) {
  const wanted = String(text ?? "");
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Set an attribute where it differs; null and false remove it. */
export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** Show a node or hide it. */
export function show(node, yes) {
  if (node.hidden === Boolean(yes)) node.hidden = !yes;
}

/** Have a node as the last child of `parent`, or not at all. */
export function have(parent, node, yes) {
  if (!yes) node.remove();
  else if (node.parentNode !== parent) parent.append(node);
}

/**
 * Make the children of `parent` those of `items`, one by key, in order. A node stays while its key
 * does, so that focus, open details and animations live on.
 */
export function keyed(parent, items, keyOf, make, update) {
  const had = (parent.byKey ??= new Map());
  const wanted = new Map(items.map((item) => [String(keyOf(item)), item]));
  for (const [key, node] of had) {
    if (!wanted.has(key)) {
      node.remove();
      had.delete(key);
    }
  }
  let at = parent.firstElementChild;
  for (const [key, item] of wanted) {
    let node = had.get(key);
    if (!node) had.set(key, (node = make(item)));
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
    update(node, item);
  }
}

export const find = (selector, within = document) => within.querySelector(selector);
