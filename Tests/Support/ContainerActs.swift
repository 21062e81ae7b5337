/// What a program in a container tries that would reach beyond it: one act for each line that shuts a container in.
public struct ContainerAct: Sendable, CustomStringConvertible {
  /// The line that refuses it.
  public let line: String
  public let name: String
  /// The program inside, which ends with 0 when it could do it. It runs as root unless `user` says otherwise.
  public let words: [String]
  public let user: String?
  /// What an engine lacks by its own defaults, so that the same act succeeds without Berth's lines.
  public let needs: [String: [String]]

  public var description: String { "\(line): \(name)" }

  init(_ line: String, _ name: String, _ words: [String], user: String? = nil, needs: [String: [String]] = [:]) {
    self.line = line
    self.name = name
    self.words = words
    self.user = user
    self.needs = needs
  }

  private static func perl(_ program: String) -> [String] { ["/usr/bin/perl", "-e", program] }

  /// A file that the host's root has made in the folder, which runs as root whoever starts it.
  public static let setuidProgram = "setuid-perl"

  /// The folder `/box` is the instance's and can be written; `/box/other` belongs to another user and is closed.
  public static let all = [
    ContainerAct(
      "capabilities", "opens a raw socket", perl("socket(my $s, 2, 3, 1) or exit 1"),
      needs: ["podman": ["--cap-add=net_raw"]]),
    ContainerAct("capabilities", "gives a file away", ["/usr/bin/chown", "12345", "/box/own"]),
    ContainerAct(
      "capabilities", "makes a device", ["/usr/bin/mknod", "/box/null", "c", "1", "3"],
      needs: ["podman": ["--cap-add=mknod"]]),
    ContainerAct("capabilities", "reads another user's file", ["/usr/bin/cat", "/box/other/file"]),
    ContainerAct("capabilities", "becomes another user", perl("$> = 12345; exit($> == 12345 ? 0 : 1)")),
    ContainerAct("capabilities", "takes another root", ["/usr/bin/chroot", "/", "/usr/bin/true"]),
    ContainerAct(
      "capabilities", "mounts", ["/usr/bin/mount", "-t", "tmpfs", "none", "/srv"],
      needs: [
        "podman": ["--cap-add=sys_admin"],
        "docker": ["--cap-add=sys_admin", "--security-opt=apparmor=unconfined"],
      ]),
    ContainerAct(
      "no-setuid", "makes a namespace in which it is root", ["/usr/bin/unshare", "-r", "/usr/bin/true"],
      user: "12345:12345",
      needs: ["docker": ["--security-opt=seccomp=unconfined"]]),
    ContainerAct("read-only", "writes into its image", ["/usr/bin/touch", "/etc/made"]),
    ContainerAct("read-only", "changes a program of its image", ["/usr/bin/touch", "/usr/bin/perl"]),
    ContainerAct("no-setuid", "sets the bit for its user", ["/usr/bin/chmod", "4755", "/box/own"]),
    ContainerAct("no-setuid", "sets the bit for its group", ["/usr/bin/chmod", "2755", "/box/own"]),
    ContainerAct(
      "no-setuid", "makes a file with the bit",
      perl("sysopen(my $f, '/box/made', 0101, 04755) or exit 1; exit((stat $f)[2] & 04000 ? 0 : 1)")),
    ContainerAct(
      "no-setuid", "makes a pipe with the bit",
      perl("syscall(133, my $p = '/box/pipe', 014755, 0); exit((stat '/box/pipe')[2] & 04000 ? 0 : 1)")),
    ContainerAct(
      "no-new-privileges", "runs a file as its owner", ["/box/\(setuidProgram)", "-e", "exit($> == 0 ? 0 : 1)"],
      user: "12345:12345"),
  ]

  /// A program for the shell of an image that does several acts and says which it could do, a name a line.
  public static func script(_ acts: [ContainerAct]) -> [String] {
    func quoted(_ word: String) -> String { "'\(word.replacing("'", with: #"'\''"#))'" }
    let lines = acts.map { act in
      "if \(act.words.map(quoted).joined(separator: " ")) > /dev/null 2>&1; then echo \(quoted(act.name)); fi"
    }
    return ["/usr/bin/sh", "-c", lines.joined(separator: "\n")]
  }
}
