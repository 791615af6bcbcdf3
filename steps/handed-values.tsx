import { type HandedValue, handedText, type KnownValue } from "./handed-value.ts";
import { VisibleText } from "./visible-text.tsx";
import "./handed-values.css";

/** Longer ones are cut, and open whole. */
const longValue = 80;

/** `$LOG_DIR = /var/log`, one after the other; a long one is cut, and opens at a press. */
export function HandedValues({ handed, known }: { handed: readonly HandedValue[]; known: KnownValue }) {
	return (
		<span class="handed-values">
			{handed.map((one) => {
				const text = handedText(one, known);
				const isWord = one.secret || one.later !== undefined || (one.text ?? one.name) === undefined;
				return (
					<span key={one.variable} class="handed-values__one">
						<code>${one.variable}</code> ={" "}
						{isWord ? (
							<span class="handed-values__word">
								{text}
								{one.secret && <span class="sr-only">, a secret</span>}
							</span>
						) : text.length > longValue || text.includes("\n") ? (
							<details class="handed-values__long">
								<summary>
									<code>
										<VisibleText text={`${text.replace(/\n/g, " ").slice(0, longValue)}…`} />
									</code>
								</summary>
								<pre>
									<VisibleText text={text} />
								</pre>
							</details>
						) : (
							<code>{text === "" ? '""' : <VisibleText text={text} />}</code>
						)}
					</span>
				);
			})}
		</span>
	);
}
