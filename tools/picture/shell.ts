// A page that has everything in it, and a policy that lets nothing else in.

import { createHash } from "node:crypto";

/** What a page is made of. */
export interface Contents {
  title: string;
  style: string;
  /** HTML. */
  body: string;
  /** Bundled code, which runs when the body is there. */
  script: string;
}

/** A page and the policy that lets its script and its style run, and nothing else. */
export interface Html {
  html: string;
  policy: string;
}

/** Puts a page together. It asks nothing of any network: the policy in it forbids that. */
export function shell({ title, style, body, script }: Contents): Html {
  const code = script.replace(/<\/(script)/gi, "<\\/$1");
  const policy = `default-src 'none'; script-src ${hash(code)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(title)}</h1>
${body}
<script>${code}</script>
</body>
</html>
`;
  return { html, policy };
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** A text as it stands in HTML or XML: no control characters, no half of a character. */
export function escape(text: string): string {
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, "\ufffd").replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
