package dev.fid.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BtfStructTest {
  private static final BpfSpec SPLICE = BpfSpec.resource("splice");

  @Test
  void aStructIsReadAsTheCompilerLaidItOut() throws BpfException {
    var lane = BtfStruct.of(SPLICE, "lane");
    assertThat(lane.size()).isEqualTo(192);
    assertThat(lane.fields().keySet()).startsWith("gate", "cookie", "limit");
    assertThat(lane.field("limit")).isEqualTo(new BtfStruct.Field(16, 4));
  }

  @Test
  void theStructOfTheQueriesIsThere() throws BpfException {
    var query = BtfStruct.of(SPLICE, "backlog_query");
    assertThat(query.size()).isEqualTo(16);
    assertThat(query.offset("backlog")).isEqualTo(8);
    assertThat(query.offset("state")).isEqualTo(12);
  }

  @Test
  void whatIsNotThereIsSaid() throws BpfException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BtfStruct.of(SPLICE, "lain"))
        .withMessage("no struct lain in splice");
    var lane = BtfStruct.of(SPLICE, "lane");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lane.offset("gait"))
        .withMessageContaining("struct lane has no gait: it has [gate, cookie");
  }
}
