/// Numbers that glibc defines for _GNU_SOURCE only, which Swift does not define.
enum Linux {
  static let syncFileRangeWrite: UInt32 = 2
}
