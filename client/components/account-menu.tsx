/* Who is signed in, the theme, and the way out. */
import { httpRoutes } from "../../core/protocol.ts";
import { useApp } from "../shell/app-context.ts";
import { dropDrafts } from "../shell/drafts-in-tab.ts";
import type { ThemeChoice } from "../shell/theme.ts";
import { Icon, type IconName } from "./icon.tsx";
import { PersonMark } from "./person-mark.tsx";
import { Popover } from "./popover.tsx";
import "./account-menu.css";

const themes: { choice: ThemeChoice; label: string; icon: IconName }[] = [
	{ choice: "system", label: "System", icon: "monitor" },
	{ choice: "light", label: "Light", icon: "sun" },
	{ choice: "dark", label: "Dark", icon: "moon" },
];

export function AccountMenu({ name, driving }: { name: string; driving: boolean }) {
	const { theme, me } = useApp();
	return (
		<Popover
			name="account-menu"
			label={`${name}: theme and sign-out`}
			button={<PersonMark name={name} driving={driving} />}
		>
			<p class="account-menu__who">
				<strong>{name}</strong>
				<span class="faint">
					{me.value?.assurance === "self-declared" ? "self-declared name" : me.value?.assurance}
				</span>
			</p>
			<fieldset class="account-menu__themes">
				<legend class="sr-only">Theme</legend>
				{themes.map(({ choice, label, icon }) => (
					<button
						key={choice}
						type="button"
						aria-pressed={theme.choice.value === choice}
						onClick={() => theme.choose(choice)}
					>
						<Icon name={icon} size={14} /> {label}
					</button>
				))}
			</fieldset>
			{/* What was typed and not sent is nobody else's. */}
			<form method="post" action={httpRoutes.signOut} onSubmit={() => dropDrafts(window, null)}>
				<button type="submit" class="account-menu__out">
					Sign out
				</button>
			</form>
			{me.value && <p class="faint account-menu__version">Runledger {me.value.version}</p>}
		</Popover>
	);
}
