/** Every number the windows layer decides by, with its reason. */
export const LIMITS = {
  /** Pause between looks while Windows installs itself: a quarter of an hour, in which a look is for faults only. */
  everyInstallingMs: 20_000,
  /** Pause between looks where the desktop may be there at any moment. */
  everyMs: 3_000,
  /** A look is a log tail, one socket and one picture over SFTP. */
  attemptTimeoutMs: 60_000,
  /**
   * Same picture and no disk traffic for this long is a hang. Black screens of up to three minutes are normal across
   * reboots of the set-up; a silent stall must be named within five.
   */
  stallMs: 240_000,
  /** Disk traffic that counts as work: an idle or hung guest touches less between two looks. */
  workBytes: 4 * 1024 ** 2,
  /** A desktop must be seen twice, this far apart, to be called steady. */
  steadyMs: 3_000,
  /** The first desktop of an installation: its disk is marked after it, so it must be no passing picture. */
  firstSteadyMs: 10_000,
  /** Starts from disk: a first installation needs two (dockur's sequence) and may take a few more for drivers. */
  diskBootsInstalling: 6,
  /** An installed Windows needs one; automatic repair tries twice more before it shows itself. */
  diskBootsInstalled: 3,
  /** Written to the disk when a first installation shows its desktop; for a percent only. */
  installBytes: 15 * 1024 ** 3,
  /** An installed Windows that shows nothing this long after the container's start does not come by itself (A5). */
  bootMs: 600_000,
  /** A 1440x900 desktop as PNG is 1 to 3 MB. */
  screenBytes: 16 * 1024 ** 2,
} as const;
