// The main function of the test programs where Catch2 comes without one: version 2 as the header alone.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
