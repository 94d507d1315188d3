/**
 * What a stretch of time went into: `work` had to be done; `proof` was looking at what there is; `repair` mended a fault;
 * `wait` was backing off from somebody else's trouble.
 */
export type SpanKind = 'work' | 'proof' | 'repair' | 'wait';

/** Something that went on from a moment to another. Epoch ms. */
export interface Span {
  readonly id: number;
  /** `''` for what belongs to no worker. */
  readonly worker: string;
  /** Layer, `arm` or `task`. */
  readonly lane: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** Ids of the spans whose end it needed. */
  readonly after: readonly number[];
}

/** A span before it is known what it had to wait for. */
export type Draft = Omit<Span, 'id' | 'after'>;

/** What Azure itself makes one resource wait for; everything else of one worker goes in its order. */
const NEEDS: readonly { readonly of: RegExp; readonly needs: RegExp }[] = [
  { of: /^firewall of /, needs: /^creating resource group/ },
  { of: /^network of /, needs: /^firewall of / },
  { of: /^create public address /, needs: /^creating resource group/ },
  { of: /^create interface /, needs: /^(?:network of |create public address )/ },
  { of: /^create vm /, needs: /^create interface / },
];

/**
 * Gives every span its number and what it had to wait for; the drafts come by their beginning, longer ones first. A run of
 * weeks has tens of thousands of them, so each is compared with the last that ended before it and not with all. Pure.
 */
export function linked(drafts: readonly Draft[]): readonly Span[] {
  const shells = shellsOf(drafts);
  const ended = whatEnded();
  const byEnd = [...drafts.entries()].sort(([a, one], [b, other]) => one.toMs - other.toMs || a - b);
  let next = 0;
  return drafts.map((draft, id) => {
    for (; next < byEnd.length; next += 1) {
      const [other, before] = byEnd[next] ?? [id, draft];
      if (before.toMs > draft.fromMs || other >= id) break;
      if (!shells.has(before)) ended.add(other, before);
    }
    const rule = NEEDS.find(({ of }) => of.test(draft.name));
    return { ...draft, id, after: rule ? ended.named(rule.needs, draft) : ended.last(draft) };
  });
}

/** What is over, added by its end. */
interface Ended {
  add(id: number, draft: Draft): void;
  /** Ids of what ended last of those that share a worker with it. */
  last(draft: Draft): readonly number[];
  /** Ids of everything of this name that shares a worker with it. */
  named(name: RegExp, draft: Draft): readonly number[];
}

function whatEnded(): Ended {
  interface Ending {
    readonly atMs: number;
    readonly ids: readonly number[];
  }
  const lastOf = new Map<string, Ending>();
  const needed: { readonly id: number; readonly draft: Draft }[] = [];
  let lastOfAll: Ending | undefined;
  const later = (before: Ending | undefined, id: number, atMs: number): Ending =>
    before?.atMs === atMs ? { atMs, ids: [...before.ids, id] } : { atMs, ids: [id] };
  return {
    add(id, draft) {
      lastOfAll = later(lastOfAll, id, draft.toMs);
      lastOf.set(draft.worker, later(lastOf.get(draft.worker), id, draft.toMs));
      if (NEEDS.some(({ needs }) => needs.test(draft.name))) needed.push({ id, draft });
    },
    last({ worker }) {
      const endings = (worker === '' ? [lastOfAll] : [lastOf.get(worker), lastOf.get('')]).filter(
        (one) => one !== undefined,
      );
      const latest = Math.max(...endings.map(({ atMs }) => atMs));
      return endings.flatMap(({ atMs, ids }) => (atMs === latest ? ids : [])).sort((a, b) => a - b);
    },
    named: (name, draft) =>
      needed
        .filter((one) => name.test(one.draft.name) && sharesWorker(one.draft, draft))
        .map(({ id }) => id)
        .sort((a, b) => a - b),
  };
}

/** The phases that consist of operations of Azure: these are what is waited for, not the phase around them. Pure. */
export function shellsOf<T extends Draft>(all: readonly T[]): ReadonlySet<T> {
  const operations = all.filter(({ lane }) => lane === 'arm');
  const isShell = (phase: T): boolean =>
    (phase.lane === 'azure' || phase.lane === 'vm') &&
    operations.some((one) => sharesWorker(one, phase) && one.fromMs >= phase.fromMs && one.toMs <= phase.toMs);
  return new Set(all.filter(isShell));
}

const sharesWorker = (a: Draft, b: Draft): boolean => a.worker === b.worker || a.worker === '' || b.worker === '';
