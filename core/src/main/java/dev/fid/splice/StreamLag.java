package dev.fid.splice;

/// What lags behind in a UNIX stream.
record StreamLag(Lane lane) implements Lagging {
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
    return lane.stats().redirectedSkbs();
  }

  @Override
  public void recover() {
    lane.recover();
  }
}
