/* What a change did to the cluster: roles, who follows whom and health before and after, only where they differ. */

import type { RunState } from "../../../../core/session-state.ts";
import type { Member, Topology } from "../../../../core/target.ts";
import { Icon } from "../../../components/icon.tsx";
import { parseContent } from "../parse-content.ts";
import { recordedTopologies } from "../recorded-topology.ts";
import "./topology-before-after.css";

export function TopologyBeforeAfter({ run }: { run: RunState }) {
	const before = recordedTopologies(parseContent(run.topologyBefore))[0];
	const after = recordedTopologies(parseContent(run.topologyAfter))[0];
	if (!before || !after) return null;
	const rows = after.members.map((member) => ({
		member,
		was: before.members.find((m) => m.address === member.address),
	}));
	const changed = rows.filter(({ member, was }) => !was || words(member, after) !== words(was, before));
	// One machine has no roles that could move: there is nothing to say about it.
	if (changed.length === 0 && after.members.length < 2) return null;
	return (
		<div class="before-after">
			<h4>{after.cluster}, before and after</h4>
			{changed.length === 0 ? (
				<p class="muted">No role, link or state changed.</p>
			) : (
				<table>
					<tbody>
						{changed.map(({ member, was }) => (
							<tr key={member.address}>
								<th scope="row" class="mono">
									{member.name}
								</th>
								<td class="muted">{was ? words(was, before) : "absent"}</td>
								<td aria-hidden="true">
									<Icon name="arrow-right" size={13} />
								</td>
								<td>{words(member, after)}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</div>
	);
}

function words(member: Member, topology: Topology): string {
	const follows = topology.members.find((m) => m.address === member.follows)?.name;
	const health = member.health === "up" ? "" : `, ${member.health}`;
	return `${member.role}${follows === undefined ? "" : ` of ${follows}`}${health}`;
}
