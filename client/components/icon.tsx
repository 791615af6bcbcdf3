/* An icon of lucide's set. Only those that are named here are in the build; add yours to the table. */
import {
	ArrowDown,
	ArrowRight,
	ArrowUpDown,
	Ban,
	BookOpen,
	Check,
	ChevronDown,
	ChevronRight,
	Circle,
	CircleAlert,
	CircleDashed,
	CircleDot,
	CircleHelp,
	CircleSlash,
	Clock,
	Copy,
	Download,
	FlaskConical,
	Hand,
	Hourglass,
	Image,
	Info,
	Layers,
	Link,
	ListChecks,
	LoaderCircle,
	Lock,
	Maximize2,
	Minimize2,
	Monitor,
	Moon,
	Network,
	Pause,
	Pencil,
	Play,
	Plus,
	RotateCcw,
	Search,
	SkipForward,
	Square,
	StickyNote,
	Sun,
	Terminal,
	TriangleAlert,
	Undo2,
	Users,
	WifiOff,
	X,
} from "lucide";
import "./icon.css";

const icons = {
	"arrow-down": ArrowDown,
	"arrow-right": ArrowRight,
	"arrow-up-down": ArrowUpDown,
	ban: Ban,
	book: BookOpen,
	check: Check,
	"chevron-down": ChevronDown,
	"chevron-right": ChevronRight,
	circle: Circle,
	"circle-alert": CircleAlert,
	"circle-dashed": CircleDashed,
	"circle-dot": CircleDot,
	"circle-help": CircleHelp,
	"circle-slash": CircleSlash,
	clock: Clock,
	copy: Copy,
	download: Download,
	flask: FlaskConical,
	hand: Hand,
	hourglass: Hourglass,
	image: Image,
	info: Info,
	layers: Layers,
	link: Link,
	"list-checks": ListChecks,
	loader: LoaderCircle,
	lock: Lock,
	maximize: Maximize2,
	minimize: Minimize2,
	monitor: Monitor,
	moon: Moon,
	network: Network,
	pause: Pause,
	pencil: Pencil,
	play: Play,
	plus: Plus,
	retry: RotateCcw,
	search: Search,
	skip: SkipForward,
	square: Square,
	note: StickyNote,
	sun: Sun,
	terminal: Terminal,
	alert: TriangleAlert,
	undo: Undo2,
	users: Users,
	"wifi-off": WifiOff,
	x: X,
} as const;

export type IconName = keyof typeof icons;

/** `size` in CSS pixels, 16 unless told. `label` is read aloud; without one the icon is decoration. */
export function Icon({
	name,
	size = 16,
	label,
	class: className = "",
}: {
	name: IconName;
	size?: number;
	label?: string;
	class?: string;
}) {
	return (
		<svg
			class={`icon ${className}`}
			width={size}
			height={size}
			viewBox="0 0 24 24"
			fill="none"
			stroke="currentColor"
			stroke-width="2"
			stroke-linecap="round"
			stroke-linejoin="round"
			{...(label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label })}
		>
			{icons[name].map(([Tag, attributes], i) => {
				const Shape = Tag as "path";
				return <Shape key={i} {...(attributes as object)} />;
			})}
		</svg>
	);
}
