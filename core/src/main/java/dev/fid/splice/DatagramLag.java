package dev.fid.splice;

/// What lags behind in the source of a session's lane, and how it is taken out. Belongs to its
/// lane.
final class DatagramLag implements Lagging {
  private final DatagramLane lane;

  DatagramLag(DatagramLane lane) {
    this.lane = lane;
  }

  @Override
  public boolean isInKernel() {
    return lane.state() == LaneState.KERNEL;
  }

  @Override
  public long lag() {
    return lane.source.queued();
  }

  @Override
  public long redirectedSkbs() {
    return lane.enrolment().counter(DatagramLayout.REDIRECTED_SKBS);
  }

  @Override
  public void recover() {
    if (!isInKernel()) {
      return;
    }
    lane.become(LaneState.RECOVERING);
    lane.enrolment().evictSource();
    if (lane.source.family() == Family.VSOCK) {
      recovered();
    } else {
      lane.session().loop().afterVerdicts(this::recovered, lane.session()::abort);
    }
  }

  /// What lags may not overtake what waits for the target.
  private void recovered() {
    if (lane.state() != LaneState.RECOVERING) {
      return;
    }
    if (lane.enrolment().state().backlog() > 0) {
      lane.session().loop().retry(this::recovered);
    } else {
      lane.relay();
    }
  }
}
