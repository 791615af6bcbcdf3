/** The pages that someone sees who is not signed in. Plain HTML: no script runs on them. */

export const signInStyle = `:root{color-scheme:light dark;--ground:#f7f7f5;--card:#fff;--ink:#1c1e21;--dim:#5f6670;--line:#d9dbde;--accent:#0b62d6;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#131518;--card:#1b1e23;--ink:#e6e8eb;--dim:#9aa3ad;--line:#343a42;--accent:#6aa8ff;--on-accent:#0b1220}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.75rem}
h1{margin:0 0 .5rem;font-size:1.25rem}
p{margin:.25rem 0 1rem;color:var(--dim)}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
input{width:100%;font:inherit;padding:.55rem .7rem;color:inherit;background:transparent;border:1px solid var(--line);border-radius:6px}
button{margin-top:1.25rem;width:100%;font:inherit;font-weight:600;padding:.65rem;border:0;border-radius:6px;background:var(--accent);color:var(--on-accent);cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:0.92em ui-monospace,monospace;background:color-mix(in srgb,var(--ink) 8%,transparent);padding:.1em .35em;border-radius:4px;overflow-wrap:anywhere}
`;

function page(title: string, body: string, head = ""): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Runledger</title>
<link rel="stylesheet" href="/sign-in.css">
${head}</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** Asks for a name and a press of the button; only that consumes the link. */
export function signInPage(token: string, next: string): string {
	return page(
		"Sign in",
		`<h1>Sign in to Runledger</h1>
<p>What you do here is recorded under the name that you give. Nobody checks it: the record says “self-declared” beside it.</p>
<form method="post" action="/sign-in">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" required maxlength="80" autofocus>
<button type="submit">Sign in</button>
</form>`,
	);
}

/** Says what is wrong and what to do next. */
export function noticePage(title: string, detail: string, next: string): string {
	return page(
		title,
		`<h1>${escapeHtml(title)}</h1>
<p>${withCode(detail)}</p>
<p>${withCode(next)}</p>`,
	);
}

/**
 * Sends the browser to the same address again, this time from a page of ours: a strict cookie does not come along
 * when a link on another site is followed.
 */
export function arrivalPage(address: string): string {
	return page(
		"One moment",
		`<h1>One moment</h1>
<p><a href="${escapeHtml(address)}">Go on</a></p>`,
		`<meta http-equiv="refresh" content="0;url=${escapeHtml(address)}">\n`,
	);
}

function withCode(text: string): string {
	return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
