/*
 * The bar at the top of every page: brand, then either the three places (`<AppHeader current="library" />`)
 * or where one is (`crumbs`), badges after it, and what the page puts on the right (`children`).
 * `environment` draws the band that can't be missed.
 */
import type { ComponentChildren } from "preact";
import type { Environment } from "../../core/target.ts";
import { useApp } from "../shell/app-context.ts";
import { AccountMenu } from "./account-menu.tsx";
import "./app-header.css";

export interface Crumb {
	label: string;
	href?: string;
}

const places = [
	{ id: "library", label: "Library", href: "/" },
	{ id: "record", label: "Record", href: "/record" },
	{ id: "lab", label: "Lab", href: "/lab" },
] as const;

export function AppHeader({
	current,
	crumbs,
	badges,
	environment,
	children,
	driving = false,
}: {
	current?: (typeof places)[number]["id"];
	crumbs?: readonly Crumb[];
	badges?: ComponentChildren;
	environment?: Environment | null | undefined;
	children?: ComponentChildren;
	/** Draws the ring of who drives around one's own mark. */
	driving?: boolean;
}) {
	const { me } = useApp();
	return (
		<header class={`app-header ${environment ? `app-header--${environment}` : ""}`}>
			<a class="app-header__brand" href="/" aria-label="Runledger, to the library">
				<BrandMark />
				<span class="app-header__name">Runledger</span>
			</a>
			{crumbs === undefined ? (
				<nav class="app-header__places" aria-label="Places">
					{places.map((place) => (
						<a key={place.id} href={place.href} aria-current={place.id === current ? "page" : undefined}>
							{place.label}
						</a>
					))}
				</nav>
			) : (
				<nav class="app-header__crumbs" aria-label="Where this is">
					{crumbs.map((crumb, i) => (
						<span key={crumb.label} class={i === crumbs.length - 1 ? "app-header__here" : ""}>
							{i > 0 && <span class="app-header__slash"> / </span>}
							{crumb.href === undefined ? crumb.label : <a href={crumb.href}>{crumb.label}</a>}
						</span>
					))}
				</nav>
			)}
			{badges !== undefined && <div class="app-header__badges">{badges}</div>}
			<div class="app-header__right">
				{children}
				{me.value && <AccountMenu name={me.value.name} driving={driving} />}
			</div>
		</header>
	);
}

function BrandMark() {
	return (
		<svg class="app-header__mark" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
			<rect x="3" y="3" width="18" height="18" rx="5" />
			<path d="M8 9.5h8M8 14.5h8" />
		</svg>
	);
}
