/* Who else is here, who drives; taking and passing the baton. One's own mark is the account's, beside it. */
import { Button } from "../../components/button.tsx";
import { PersonMark } from "../../components/person-mark.tsx";
import { Popover } from "../../components/popover.tsx";
import { problemOf } from "../../connection/connection.ts";
import { useApp } from "../../shell/app-context.ts";
import { useSession } from "./session-context.ts";
import "./people-menu.css";

const shownMarks = 2;

export function PeopleMenu() {
	const { store } = useSession();
	const { me } = useApp();
	const closed = store.state.value?.status === "closed";
	const people = [...store.presence.value].sort((a, b) => Number(b.driving) - Number(a.driving));
	const others = people.filter((person) => person.person !== me.value?.person);
	if (others.length === 0) return null;
	return (
		<Popover
			name="people-menu"
			label={`${people.length} here: ${people.map((p) => (p.driving && !closed ? `${p.name}, driving` : p.name)).join("; ")}`}
			button={
				<span class="people-menu__marks">
					{others.slice(0, shownMarks).map((person) => (
						<PersonMark key={person.person} name={person.name} driving={person.driving && !closed} />
					))}
					{others.length > shownMarks && <span class="people-menu__more">+{others.length - shownMarks}</span>}
				</span>
			}
		>
			<PeopleList />
		</Popover>
	);
}

/** The same as a list, for the menu and the phone's tab. */
export function PeopleList() {
	const { store, driving } = useSession();
	const { connection, toasts, me } = useApp();
	const closed = store.state.value?.status === "closed";
	const fail = (thrown: unknown) => toasts.problem(problemOf(thrown));
	const people = [...store.presence.value].sort((a, b) => Number(b.driving) - Number(a.driving));
	const session = store.session;
	return (
		<div class="people-list">
			<ul>
				{people.map((person) => (
					<li key={person.person}>
						<PersonMark name={person.name} driving={person.driving && !closed} />
						<span>
							{person.name}
							{person.person === me.value?.person && <span class="faint"> (you)</span>}
							<span class="people-list__does">{closed ? "reads it" : person.driving ? "drives" : "watches"}</span>
						</span>
						{driving.value && !person.driving && !closed && (
							<Button
								size="small"
								onClick={() => connection.request("session.pass-baton", { session, to: person.person }).catch(fail)}
							>
								Pass the baton
							</Button>
						)}
					</li>
				))}
			</ul>
			{!driving.value && !closed && (
				<Button icon="hand" keys="b" onClick={() => connection.request("session.take-baton", { session }).catch(fail)}>
					Take the baton
				</Button>
			)}
			{!closed && (
				<p class="faint">
					Only who drives runs, edits and types. Anybody may cancel and note. Passing and taking are recorded.
				</p>
			)}
		</div>
	);
}
