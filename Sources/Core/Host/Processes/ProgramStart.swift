import BerthKit
import Foundation

/// Turns this process into another program.
public enum ProgramStart {
  /// Enters control groups and executes a program in place of this one.
  ///
  /// - Parameters:
  ///   - words: the program's path and its arguments.
  ///   - groups: `cgroup.procs` files to write this process's id into first.
  /// - Throws: only when it could not be done.
  public static func become(_ words: [String], enteringGroups groups: [String]) throws {
    for file in groups where !ControlGroups.put("\(getpid())", into: file) {
      throw BerthError.fileSystem("cannot enter", file)
    }
    guard let program = words.first else { return }
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    execv(program, &arguments)
    throw BerthError.fileSystem("cannot execute", program)
  }
}
