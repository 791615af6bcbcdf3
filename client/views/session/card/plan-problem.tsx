/* Why a unit can't be planned; a value that is missing can be set right there. */
import type { Problem } from "../../../../core/problem.ts";
import { ProblemNote } from "../../../components/page-state.tsx";
import { useSession } from "../session-context.ts";
import { SetValue } from "../set-value.tsx";

export function PlanProblem({ unit, problem }: { unit: string; problem: Problem }) {
	const { store, driving } = useSession();
	const { value } = (problem.code === "value-missing" ? (problem.data ?? {}) : {}) as { value?: string };
	if (value === undefined || store.state.value?.status === "closed") return <ProblemNote problem={problem} />;
	const isAsked = store.runbook.value?.parameters.some(({ name }) => name === value) === true;
	const otherwise = isAsked ? "" : ", or run the step that captures it";
	const next = driving.value ? `Set it here${otherwise}.` : `Whoever drives can set it${otherwise}.`;
	return (
		<ProblemNote problem={{ ...problem, next }}>
			{driving.value && <SetValue key={value} name={value} place={unit} />}
		</ProblemNote>
	);
}
