/** The public entry point of the pure core: what another program may import from `cloison`. */
export type {
  Action,
  Argument,
  Call,
  Identity,
  Need,
  NoCall,
  Observation,
  Phase,
  Seen,
  SeenAction,
} from "./action/action.ts";
export { callCounts } from "./action/call-counts.ts";
export { readObservation, writeObservation } from "./action/document.ts";
export { oneDynamicUser } from "./action/dynamic-user.ts";
export { type Gap, gapText, type Loss, lossText } from "./action/gap.ts";
export { merge } from "./action/merge.ts";
export { assemble as assembleFilter, type Statement } from "./bpf/assemble.ts";
export { assembleText } from "./bpf/assemble-text.ts";
export { analyseCache, cacheableNumbers, constancy } from "./bpf/cache.ts";
export { fieldAt, type SeccompData } from "./bpf/data.ts";
export { type DisassemblyOptions, disassemble } from "./bpf/disassemble.ts";
export { emulate, type Outcome } from "./bpf/emulate.ts";
export {
  decode as decodeProgram,
  encode as encodeProgram,
  type Instruction,
  type TargetProgram,
} from "./bpf/instruction.ts";
export { OPCODES } from "./bpf/opcode.ts";
export { readFilter } from "./bpf/read.ts";
export { returnText } from "./bpf/return-value.ts";
export { validate } from "./bpf/validate.ts";
export { stackWeight, weightOf } from "./bpf/weight.ts";
export { type DecodedMessage, decodeMessage } from "./dbus/decode.ts";
export { encodeMessage } from "./dbus/encode.ts";
export { marshal } from "./dbus/marshal.ts";
export type { DbusMessage, MessageFlag } from "./dbus/message.ts";
export { type BasicCode, type DbusType, parseSignature } from "./dbus/signature.ts";
export { unmarshal } from "./dbus/unmarshal.ts";
export type { DbusValue, DbusVariant } from "./dbus/value.ts";
export { type Diagnostic, formatDiagnostic, type Parsed, type Span } from "./diagnostic/diagnostic.ts";
export { didYouMean, nearest } from "./diagnostic/nearest.ts";
export { visible } from "./diagnostic/visible.ts";
export { type Built, type Host, sandboxOf } from "./directives/sandbox.ts";
export { wantedCalls } from "./directives/wanted-calls.ts";
export { compilePlan } from "./elf/compile-plan.ts";
export { compilePrograms, PROGRAM_EXIT, type ProbeProgram, type ProgramStep } from "./elf/compile-programs.ts";
export type { ElfMachine } from "./elf/machine.ts";
export { decodeRecords, type StepRecord } from "./elf/record.ts";
export { type Assembler, assembler } from "./elf/x86-64/assemble.ts";
export { x8664 } from "./elf/x86-64/x86-64.ts";
export { cArray } from "./export/c-array.ts";
export { systemCallFilterLines } from "./export/system-call-filter.ts";
export { printableJson } from "./json/printable.ts";
export { ADDRESS_FAMILIES, addressFamilyName, addressFamilyNumber } from "./kernel/address-family.ts";
export { CAPABILITIES, type Capability, capabilitiesOfMask, capabilityMask } from "./kernel/capability.ts";
export { ERRNO, type ErrnoName, errnoName, errnoNameOn, errnoNumber } from "./kernel/errno.ts";
export { flagsOfText, textOfFlags } from "./kernel/flags.ts";
export {
  type InternetAddress,
  parseInternetAddress,
  showInternetAddress,
} from "./kernel/internet-address.ts";
export { NAMESPACE_FLAGS, type NamespaceKind } from "./kernel/namespace.ts";
export { OPEN_FLAGS } from "./kernel/open-flags.ts";
export { isWithin } from "./kernel/path.ts";
export { signalName, signalNumber } from "./kernel/signal.ts";
export { argumentsOf, type SyscallArgument } from "./kernel/syscalls/arguments.ts";
export { expandGroup, GROUP_NAMES, groupMembers } from "./kernel/syscalls/groups.ts";
export { localAbis, machineWith } from "./kernel/syscalls/machine.ts";
export { callsThrough, type Route, routeOf } from "./kernel/syscalls/multiplexer.ts";
export { olderKernel, sinceKernel } from "./kernel/syscalls/since.ts";
export {
  ABIS,
  type Abi,
  abiOf,
  nameOf,
  numberOf,
  type SyscallName,
  type SyscallTable,
  tableOf,
} from "./kernel/syscalls/syscall.ts";
export type { Operation, Plan } from "./plan/operation.ts";
export { printCall, printPlan } from "./plan/print.ts";
export { type Attack, attacksOn, compileAttacks } from "./probes/attack.ts";
export { probes } from "./probes/catalogue.ts";
export type { Machine, Probe, Step } from "./probes/probe.ts";
export { escapeHtml } from "./report/escape.ts";
export { writePage } from "./report/html/page.ts";
export { readReport, writeReport } from "./report/json.ts";
export { type Portrait, portraitOf } from "./report/portrait.ts";
export type { Report } from "./report/report.ts";
export { exposureWord } from "./report/summary.ts";
export { reportText } from "./report/text.ts";
export { loosened } from "./sandbox/compare.ts";
export { filtersOf } from "./sandbox/filters.ts";
export { judge } from "./sandbox/judge.ts";
export { originText, type WallOrigin } from "./sandbox/origin.ts";
export { isInPrefix } from "./sandbox/prefix.ts";
export type { Sandbox, Verdict, Wall } from "./sandbox/wall.ts";
export { type Canonical, canonicalise } from "./seccomp/canonical/canonical.ts";
export { type Diff, type Difference, diff as diffFilters } from "./seccomp/compare/diff.ts";
export { type Loosened, type Loosening, looser as loosenedCalls } from "./seccomp/compare/looser.ts";
export { type Proof, prove } from "./seccomp/compare/prove.ts";
export { type Compiled, type CompileOptions, compile as compileFilter } from "./seccomp/compile/compile.ts";
export { type Figures, figuresOf, type Optimum, optimumOf } from "./seccomp/compile/figures.ts";
export { merge as mergeFilters } from "./seccomp/compile/merge.ts";
export type { CallProfile } from "./seccomp/compile/weigh.ts";
export { decompile as decompileFilter } from "./seccomp/decompile/decompile.ts";
export { type Explanation, explain as explainFilter, explanationText } from "./seccomp/explain/explain.ts";
export type { Filter } from "./seccomp/filter/filter.ts";
export { type ContainerProfile, readProfile } from "./seccomp/oci/profile.ts";
export { abisOfProfile, policyOfProfile, type ResolveOptions } from "./seccomp/oci/resolve.ts";
export { writeProfile } from "./seccomp/oci/write.ts";
export { allowList, denyList, policyOf } from "./seccomp/policy/build.ts";
export { allowedCalls, evaluate, strongest } from "./seccomp/policy/evaluate.ts";
export type { Condition, FilterAction, Policy, Rule } from "./seccomp/policy/policy.ts";
export { walk } from "./seccomp/walk/walk.ts";
export type { SynthesisInput } from "./synthesis/input.ts";
export { looksRandom } from "./synthesis/names.ts";
export { printDropIn } from "./synthesis/print.ts";
export { type Setting, type Synthesis, synthesize } from "./synthesis/synthesize.ts";
export { type NotBuilt, type Witness, witnessText } from "./synthesis/witness.ts";
export { type InstalledFilters, readInstalledFilters } from "./trace/strace/installed-filters.ts";
export { readStrace, straceReader } from "./trace/strace/reader.ts";
export type { TraceOptions } from "./trace/tree/follow.ts";
export { checkService, commandsOf, parseStrictly as parseUnitStrictly, serviceType } from "./unit/check.ts";
export { type CodeFiles, codeOf, type NamedCode } from "./unit/code.ts";
export { type ExecCommand, parseExec } from "./unit/exec.ts";
export { type ListDirectory, type LoadOrder, loadOrder, UNIT_DIRECTORIES } from "./unit/load-order.ts";
export { parseServiceName, type UnitName, unescapeName } from "./unit/name.ts";
export { parse as parseUnit } from "./unit/parse.ts";
export { directoriesOf, locateProgram, programsOf } from "./unit/places.ts";
export { printAssignment, printCommand, quoteValue } from "./unit/print.ts";
export { expandSpecifiers, type SpecifierContext } from "./unit/specifier.ts";
export { type Assignment, assignments, assignmentsOfFile, lastOf, listOf, type Unit } from "./unit/unit.ts";
export { print as printUnit, type UnitFile } from "./unit/unit-file.ts";
export { splitWords, type WordSyntax } from "./unit/words.ts";
export { type Conclusion, conclude } from "./verdict/conclude.ts";
export { type Observed, observed } from "./verdict/observed.ts";
export { type Prediction, predict } from "./verdict/predict.ts";
