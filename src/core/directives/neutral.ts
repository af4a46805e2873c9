/**
 * Settings of [Service] that build, open and move no wall: how a service is started, watched and stopped, its share of the
 * machine, its texts. A setting that neither stands here nor in the catalogue makes undecided what depends on it.
 * Facts: systemd.service(5), systemd.exec(5), systemd.resource-control(5), systemd.kill(5); the names of systemd 257 are
 * those of `systemd --dump-configuration-items`.
 */

/**
 * Starting, watching, stopping. The programs of the Exec lines are no walls; their prefixes are read where those are run.
 * PermissionsStartOnly= is such a prefix, for every line but ExecStart=: these alone run without the unit's walls.
 */
const LIFE = `Type PermissionsStartOnly ExitType RemainAfterExit GuessMainPID PIDFile BusName ExecCondition ExecStartPre ExecStart ExecStartPost
  ExecReload ExecReloadPost ExecStop ExecStopPost Restart RestartMode RestartSec RestartSteps RestartMaxDelaySec
  RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus TimeoutSec TimeoutStartSec TimeoutStopSec
  TimeoutAbortSec TimeoutCleanSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec RuntimeRandomizedExtraSec
  WatchdogSec WatchdogSignal StartLimitInterval StartLimitBurst StartLimitAction FailureAction RebootArgument KillMode
  KillSignal RestartKillSignal FinalKillSignal SendSIGHUP SendSIGKILL ReloadSignal OOMPolicy NonBlocking Sockets
  FileDescriptorStoreMax FileDescriptorStorePreserve USBFunctionDescriptors USBFunctionStrings LiveMount RefreshOnReload`;

/**
 * What the process finds when it starts. OpenFile= hands it one file that its administrator names, opened already, as
 * StandardInput= does and Sockets= a socket: no path is opened to it by that.
 */
const CONTEXT = `OpenFile WorkingDirectory ExecSearchPath Environment EnvironmentFile PassEnvironment UnsetEnvironment
  SetLoginEnvironment StandardInput StandardInputText StandardInputData StandardOutput StandardError TTYPath TTYReset
  TTYVHangup TTYVTDisallocate TTYRows TTYColumns UtmpIdentifier UtmpMode IgnoreSIGPIPE TimerSlackNSec SyslogIdentifier
  SyslogFacility SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields
  LogFilterPatterns CoredumpReceive`;

/** Its share of the machine, which is no wall but in MemoryMax= and TasksMax=. */
const SHARE = `Slice Nice OOMScoreAdjust IOSchedulingClass IOSchedulingPriority CPUSchedulingPriority
  CPUAffinity NUMAPolicy NUMAMask MemoryKSM LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitRSS
  LimitAS LimitNPROC LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTTIME AllowedCPUs StartupAllowedCPUs
  AllowedMemoryNodes StartupAllowedMemoryNodes CPUAccounting CPUWeight StartupCPUWeight CPUShares StartupCPUShares CPUQuota
  CPUQuotaPeriodSec CPUPressureThresholdSec CPUPressureWatch MemoryAccounting MemoryMin DefaultMemoryMin DefaultMemoryLow
  DefaultStartupMemoryLow MemoryLow StartupMemoryLow MemoryHigh StartupMemoryHigh StartupMemoryMax MemorySwapMax
  StartupMemorySwapMax MemoryZSwapMax StartupMemoryZSwapMax MemoryZSwapWriteback MemoryLimit MemoryPressureThresholdSec
  MemoryPressureWatch IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax
  IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec IOPressureThresholdSec IOPressureWatch BlockIOAccounting
  BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth TasksAccounting
  DisableControllers IPAccounting ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit
  ManagedOOMMemoryPressureDurationSec ManagedOOMPreference OOMRules`;

// Not here, so that they leave undecided what depends on them: PAMName=, whose modules may raise limits (pam_limits), give
// capabilities (pam_cap) and groups (pam_group), make mounts (pam_namespace) and keyrings (pam_keyinit), as the machine's
// files in /etc/pam.d say.

/** What only says more of a setting in the catalogue, and changes nothing of what the model takes from that. */
const DETAILS = `RuntimeDirectoryPreserve RuntimeDirectoryMode StateDirectoryMode StateDirectoryAccounting
  StateDirectoryQuota CacheDirectoryMode CacheDirectoryAccounting CacheDirectoryQuota LogsDirectoryMode
  LogsDirectoryAccounting LogsDirectoryQuota ConfigurationDirectoryMode RootImageOptions RootImagePolicy RootHash
  RootHashSignature RootVerity MountImagePolicy ExtensionImagePolicy SetCredentialEncrypted`;

const NEUTRAL: ReadonlySet<string> = new Set([LIFE, CONTEXT, SHARE, DETAILS].flatMap((text) => text.split(/\s+/)));

/** Whether a setting of [Service] leaves every wall as it is. systemd itself ignores what begins with `X-`. */
export function isNeutral(name: string): boolean {
  return NEUTRAL.has(name) || name.startsWith("X-");
}
