/* HTML of a runbook's prose. The server has sanitised it; it is sanitised again here before it touches the page, and never set any other way. */
import DOMPurify from "dompurify";
import { useMemo } from "preact/hooks";
import "./html.css";

const allowed = {
	USE_PROFILES: { html: true },
	FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "iframe", "object", "embed", "dialog"],
	FORBID_ATTR: ["style"],
	ADD_ATTR: ["target"],
	ALLOW_DATA_ATTR: false,
};

export function Html({
	html,
	class: className = "",
	inline = false,
}: {
	html: string;
	class?: string;
	inline?: boolean;
}) {
	const clean = useMemo(() => ({ __html: DOMPurify.sanitize(html, allowed) }), [html]);
	const Tag = inline ? "span" : "div";
	// The one place for it; sanitised on the line above.
	return <Tag class={`${inline ? "" : "prose"} ${className}`} dangerouslySetInnerHTML={clean} />;
}
