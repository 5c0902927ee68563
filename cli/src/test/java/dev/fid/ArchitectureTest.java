package dev.fid;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The walls between the rooms, and between the packages of each.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
  private static final String[] BPF = {"dev.fid.bpf..", "dev.fid.os.."};
  private static final String[] CORE = {
    "dev.fid",
    "dev.fid.pipe..",
    "dev.fid.splice..",
    "dev.fid.config..",
    "dev.fid.metrics..",
    "dev.fid.guice.."
  };
  private static final String[] TRANSPORTS = {"dev.fid.transport.."};
  private static final String[] CLI = {"dev.fid.cli.."};

  private JavaClasses rooms = new ClassFileImporter().importClasses();

  @BeforeAll
  void read() {
    ImportOption noTests =
        location -> !location.contains("/test-classes/") && !location.contains("-tests.jar");
    rooms = new ClassFileImporter().withImportOption(noTests).importPackages("dev.fid");
  }

  @Test
  void seesEveryRoom() {
    assertThat(rooms.contain(Fid.class)).isTrue();
    assertThat(rooms.stream().map(JavaClass::getPackageName))
        .contains("dev.fid.bpf.ffi", "dev.fid.transport.tcp", "dev.fid.cli")
        .doesNotContain("dev.fid.testkit");
    classes()
        .should()
        .resideInAnyPackage(concat(BPF, CORE, TRANSPORTS, CLI))
        .because("a new package belongs to a room, which is to be said here")
        .check(rooms);
  }

  private static String[] concat(String[]... arrays) {
    List<String> all = new ArrayList<>();
    for (String[] array : arrays) {
      all.addAll(List.of(array));
    }
    return all.toArray(String[]::new);
  }

  @Test
  void roomsDependDownwards() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("bpf")
        .definedBy(BPF)
        .layer("core")
        .definedBy(CORE)
        .layer("transports")
        .definedBy(TRANSPORTS)
        .layer("cli")
        .definedBy(CLI)
        .whereLayer("bpf")
        .mayNotAccessAnyLayer()
        .whereLayer("core")
        .mayOnlyAccessLayers("bpf")
        .whereLayer("transports")
        .mayOnlyAccessLayers("core", "bpf")
        .whereLayer("cli")
        .mayOnlyAccessLayers("transports", "core", "bpf")
        .check(rooms);
  }

  /// Each package of core, and the only others of core that it may know.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dev.fid.splice  | dev.fid.splice
          dev.fid.pipe    | dev.fid.pipe dev.fid.splice
          dev.fid.config  | dev.fid.config dev.fid.pipe dev.fid.splice
          dev.fid.metrics | dev.fid.metrics dev.fid.pipe dev.fid.splice
          dev.fid         | dev.fid dev.fid.metrics dev.fid.pipe dev.fid.splice
          """)
  void packagesOfCoreDependDownwards(String inner, String known) {
    noClasses()
        .that()
        .resideInAPackage(inner)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(CORE)
                .and(DescribedPredicate.not(resideInAnyPackage(known.split(" ")))))
        .check(rooms);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.fid.(**)").should().beFreeOfCycles().check(rooms);
  }

  @Test
  void nativeCodeHasOneDoor() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fid.bpf.ffi")
        .should()
        .dependOnClassesThat(nameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup)(\\$.*)?"))
        .check(rooms);
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fid.bpf..", "dev.fid.os..")
        .should()
        .dependOnClassesThat(resideInAPackage("dev.fid.bpf.ffi"))
        .check(rooms);
  }

  /// Each library, and the packages that it is for.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          com.google.inject..                           | dev.fid.guice
          org.yaml..                                    | dev.fid.config
          com.fasterxml.jackson..                       | dev.fid.config dev.fid.cli.bench..
          org.HdrHistogram..                            | dev.fid.cli.bench.load
          io.micrometer.. io.prometheus..               | dev.fid.metrics dev.fid dev.fid.cli
          picocli..                                     | dev.fid.cli
          io.netty..                                    | dev.fid.splice dev.fid.pipe dev.fid.transport..
          org.newsclub..                                | dev.fid.transport.junixsocket
          java.net.http.. com.sun.net.httpserver..      | dev.fid.cli
          """)
  void librariesStayInTheirPackages(String library, String users) {
    noClasses()
        .that()
        .resideOutsideOfPackages(users.split(" "))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library.split(" "))
        .check(rooms);
  }

  @Test
  void onlyTheCliSpeaks() {
    noClasses()
        .that()
        .resideOutsideOfPackages(CLI)
        .should(ACCESS_STANDARD_STREAMS)
        .because("libraries log")
        .check(rooms);
  }

  @Test
  void everyPackageIsNullMarked() {
    Deque<JavaPackage> left = new ArrayDeque<>(Set.of(rooms.getPackage("dev.fid")));
    List<String> unmarked = new ArrayList<>();
    int seen = 0;
    while (!left.isEmpty()) {
      JavaPackage next = left.remove();
      left.addAll(next.getSubpackages());
      if (!next.getClasses().isEmpty()) {
        seen++;
        if (!next.isAnnotatedWith(NullMarked.class)) {
          unmarked.add(next.getName());
        }
      }
    }
    assertThat(seen).isGreaterThan(10);
    assertThat(unmarked).isEmpty();
  }
}
