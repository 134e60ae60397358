/// The clock by which what several processes did is put into one order: CLOCK_MONOTONIC, the recorder's too.
public enum MonotonicTime {
    /// In nanoseconds. clock_gettime(2).
    public static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
