package connect

// SettleTime is the default of [Files.Settle].
const SettleTime = settleTime
