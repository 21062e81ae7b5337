import BerthFiles
import Glibc

/// The names of users, each looked up once.
struct UserNames {
  private var names: [UInt32: Bytes?] = [:]

  mutating func name(of user: UInt32) -> Bytes? {
    if let known = names[user] { return known }
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    let name: Bytes? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
      guard getpwuid_r(user, &record, buffer.baseAddress.unsafelyUnwrapped, buffer.count, &found) == 0,
        let name = found?.pointee.pw_name
      else { return nil }
      return Bytes(cString: name)
    }
    names[user] = .some(name)
    return name
  }
}
