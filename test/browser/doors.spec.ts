import { expect, test } from "@playwright/test";
import { type BrowserWorld, openBrowserWorld } from "../support/browser-world.ts";

let world: BrowserWorld;

test.beforeAll(async ({ browser }) => {
	world = await openBrowserWorld(browser, { lab: false });
});

test.afterAll(async () => {
	await world?.close();
});

test("a sign-in link works once; who comes later is told what to do", async () => {
	const link = await world.signInLink();
	const alice = await world.browser();
	await alice.goto(link);
	// Looking at it does not use it up: a preview of links does as much.
	await alice.reload();
	await alice.getByLabel("Your name").fill("alice");
	await alice.getByRole("button", { name: "Sign in" }).click();
	await expect(alice.getByRole("heading", { name: "Runbooks" })).toBeVisible();

	const mallory = await world.browser();
	await mallory.goto(link);
	await expect(mallory.getByRole("button", { name: "Sign in" })).toHaveCount(0);
	await expect(mallory.getByText("runledger signin")).toBeVisible();
	await mallory.goto("/");
	await expect(mallory.getByRole("heading", { name: "Runbooks" })).toHaveCount(0);
	await expect(mallory.getByText("runledger signin")).toBeVisible();
});

test("signing out ends every window of that sign-in, and each leads to what to do", async () => {
	const page = await world.person("bob");
	const other = await page.context().newPage();
	await other.goto("/record");
	await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
	await page.getByRole("button", { name: "bob: theme and sign-out" }).click();
	await page.getByRole("button", { name: "Sign out" }).click();
	await expect(page.getByText("runledger signin")).toBeVisible();
	await expect(other.getByText("This sign-in has ended")).toBeVisible();
	await other.getByRole("alert").getByRole("link", { name: "Sign in" }).click();
	await expect(other.getByText("runledger signin")).toBeVisible();
});

test("a runbook with hostile content runs nothing in the page and asks nothing of another host", async () => {
	await world.writeRunbook(
		"hostile.md",
		`---
title: <img src=x onerror="window.harmed='title'">
owner: <script>window.harmed='owner'</script>
---

# Hostile <script>window.harmed='heading'</script>

<script>window.harmed='script'</script>
<img src="x" onerror="window.harmed='onerror'">
<svg onload="window.harmed='svg'"></svg>
<iframe srcdoc="<script>parent.harmed='iframe'</script>"></iframe>

[a script](javascript:window.harmed='link'), [an encoded one](java&#115;cript:window.harmed='encoded'),
[an editor](vscode://file/etc/passwd), [a page](data:text/html,<script>alert(1)</script>).

![far away](https://runledger.invalid/pixel.png)
![near](../../../../etc/passwd)

Read the [manual](https://redis.io/docs) instead.

\`\`\`sh {"name":"<b onmouseover=window.harmed=1>"}
echo '<script>window.harmed="command"</script>'
\`\`\`
`,
	);
	const page = await world.person("carol");
	const asked: string[] = [];
	page.on("request", (request) => asked.push(request.url()));
	let dialogs = 0;
	page.on("dialog", (dialog) => {
		dialogs += 1;
		void dialog.dismiss();
	});
	await page.goto("/");
	await page.getByRole("searchbox", { name: "Filter the runbooks" }).fill("hostile");
	await page.getByRole("row").nth(1).getByRole("link").click();
	await expect(page.getByText("Read the")).toBeVisible();
	await expect(page.getByRole("link", { name: "manual" })).toHaveAttribute("href", "https://redis.io/docs");
	for (const href of await page.getByRole("link").evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""))) {
		expect(href).toMatch(/^(\/|#|https:\/\/redis\.io\/)/);
	}
	for (const words of ["a script", "an encoded one", "an editor", "a page"]) {
		await expect(page.getByRole("link", { name: words })).toHaveCount(0);
		await page.getByText(words).first().click();
	}
	await expect(page.locator("iframe, object, embed, main script, svg[onload]")).toHaveCount(0);
	expect(await page.evaluate(() => (window as { harmed?: string }).harmed)).toBeUndefined();
	expect(dialogs).toBe(0);
	const origin = new URL(world.url).origin;
	const strangers = asked.filter(
		(url) => new URL(url).origin !== origin && !url.startsWith("ws:") && !url.startsWith("data:"),
	);
	expect(strangers).toEqual([]);
	// The sanitising alone has kept all of it out: the page's policy had nothing to block.
	expect(world.faults).toEqual([]);

	// And if something came through after all, the policy would still stop it.
	const response = await page.request.get("/");
	const policy = response.headers()["content-security-policy"] ?? "";
	expect(policy).toContain("script-src 'self'");
	expect(policy).toContain("frame-ancestors 'none'");
	await page.evaluate(() => {
		const script = document.createElement("script");
		script.textContent = "window.harmed = 'inline'";
		document.body.append(script);
		const picture = document.createElement("img");
		picture.src = "https://runledger.invalid/pixel.png";
		document.body.append(picture);
	});
	await expect.poll(() => world.faults.length).toBeGreaterThanOrEqual(2);
	expect(await page.evaluate(() => (window as { harmed?: string }).harmed)).toBeUndefined();
});
