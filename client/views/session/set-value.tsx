/*
 * A field for a value that the server does not have, where it is missed. What is typed into it for a secret is in the
 * page until it is sent and no longer: it is no draft, and the field is empty from then on, whatever the answer.
 */
import { useRef } from "preact/hooks";
import { looksSecret } from "../../../core/variable-name.ts";
import { LineText } from "../../../steps/prose-text.tsx";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { useApp } from "../../shell/app-context.ts";
import { useSubmit } from "./dialogs/use-submit.ts";
import { useSession } from "./session-context.ts";
import "./set-value.css";

/** `place` tells its fields apart where two of one name are on the page; `done` is called when the server has taken it. */
export function SetValue({ name, place, done }: { name: string; place: string; done?: () => void }) {
	const { store } = useSession();
	const { connection } = useApp();
	const { busy, problem, submit } = useSubmit();
	const field = useRef<HTMLInputElement & HTMLSelectElement>(null);
	const parameter = store.runbook.value?.parameters.find((p) => p.name === name);
	const secret =
		(parameter ? parameter.type === "secret" : looksSecret(name)) || store.values.value[name]?.secret === true;
	const choices = parameter?.type === "boolean" ? ["true", "false"] : parameter?.choices;
	const id = `set-${place}-${name}`;
	const wrong = problem.value;
	const marks = wrong === null ? {} : { "aria-invalid": true, "aria-describedby": `${id}-error` };
	const send = () => {
		const value = field.current?.value ?? "";
		if (secret && field.current) field.current.value = "";
		submit(
			() => connection.request("value.set", { session: store.session, name, value }),
			() => done?.(),
		);
	};
	return (
		<form
			class="set-value"
			autocomplete="off"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<Field
				id={id}
				label={name}
				type={parameter?.type ?? (secret ? "secret" : undefined)}
				hint={secret ? "Kept in the server’s memory only, never recorded." : parameter?.description}
				error={
					wrong === null ? undefined : (
						<LineText text={`${wrong.detail}${wrong.next === undefined ? "" : ` ${wrong.next}`}`} />
					)
				}
			>
				{choices ? (
					<select id={id} ref={field} class="input" required {...marks}>
						<option value="">choose</option>
						{choices.map((choice) => (
							<option key={choice} value={choice}>
								{choice}
							</option>
						))}
					</select>
				) : (
					<input
						id={id}
						ref={field}
						class="input"
						// A password manager is not to offer somebody's own password.
						{...(secret ? { type: "password", autocomplete: "new-password" } : { autocomplete: "off" })}
						spellcheck={false}
						required
						{...marks}
					/>
				)}
			</Field>
			<Button type="submit" kind="primary" disabled={busy.value}>
				{busy.value ? "Setting" : `Set ${name}`}
			</Button>
		</form>
	);
}
