/// Numbers that glibc defines for _GNU_SOURCE only, which Swift does not define.
enum Linux {
  static let seekData: Int32 = 3
  static let seekHole: Int32 = 4
  static let syncFileRangeWrite: UInt32 = 2
}
