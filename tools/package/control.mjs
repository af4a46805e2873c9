/** What dpkg is told of the package. Facts: deb-control(5), Debian Policy 5.3; the packages that Cloison calls: tools/setup. */
import { tools } from "../setup/prepare.mjs";

/** DEBIAN/control. `kilobytes`: what the files take. */
export function control({ version, description, author }, kilobytes) {
  const depends = ["nodejs (>= 20)", ...Object.keys(tools).sort()];
  return `Package: cloison
Version: ${version}
Architecture: all
Section: admin
Priority: optional
Maintainer: ${author}
Installed-Size: ${kilobytes}
Depends: ${depends.join(", ")}
Suggests: bash-completion, npm
Description: walls around systemd services: shown, built and proved
 ${description}
`;
}

/** /usr/share/doc/cloison/copyright, in the machine-readable form of DEP 5. */
export function copyright(license) {
  const [, holder = ""] = /^Copyright \(c\) (.*)$/m.exec(license) ?? [];
  const terms = license.slice(license.indexOf("Permission is"));
  const lines = terms.trimEnd().split("\n");
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cloison

Files: *
Copyright: ${holder}
License: Expat

License: Expat
${lines.map((line) => (line === "" ? " ." : ` ${line}`)).join("\n")}
`;
}
