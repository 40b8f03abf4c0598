// Colours for code: comments, texts, words of the language. Nothing is read as HTML.

import { el } from './dom.js';

const words = (list) => `(?<word>\\b(?:${list.replaceAll(' ', '|')})\\b)`;
const lua = new RegExp(['(?<comment>--[^\\n]*)', '(?<text>"(?:\\\\.|[^"\\\\\\n])*"|\'(?:\\\\.|[^\'\\\\\\n])*\')',
  words('and do else elseif end false for function if in local nil not or repeat return then true until while')]
  .join('|'), 'g');
const shell = new RegExp(['(?<comment>(?:^|(?<=\\s))#[^\\n]*)', '(?<text>"(?:\\\\.|[^"\\\\])*"|\'[^\']*\')',
  words('case do done echo esac exit for in printf read while curl jq openssl')].join('|'), 'g');
const languages = { lua, spec: lua, curl: shell };

export function coloured(text, language) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(languages[language])) {
    const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
    out.push(text.slice(at, found.index), el(`span.is-${kind}`, null, found[0]));
    at = found.index + found[0].length;
  }
  return [...out, text.slice(at)];
}
