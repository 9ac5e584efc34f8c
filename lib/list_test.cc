#include <initializer_list>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/list.h"
}

namespace {

struct Item {
    int number;
    struct list link;
    struct list other_link;
};

Item make_item(int number) {
    Item item = {};
    item.number = number;
    return item;
}

class List : public testing::Test {
  protected:
    void SetUp() override {
        list_init(&head);
        for (int number = 0; number < 4; number++) {
            items.push_back(make_item(number));
        }
        for (Item &item : items) {
            list_init(&item.link);
            list_init(&item.other_link);
        }
    }

    std::vector<int> forward() {
        std::vector<int> numbers;
        LIST_FOR_EACH(node, &head) {
            numbers.push_back(LIST_CONTAINER(node, Item, link)->number);
        }
        return numbers;
    }

    std::vector<int> backward() {
        std::vector<int> numbers;
        for (struct list *node = head.previous; node != &head; node = node->previous) {
            numbers.push_back(LIST_CONTAINER(node, Item, link)->number);
        }
        return numbers;
    }

    struct list head;
    std::vector<Item> items;
};

using Numbers = std::vector<int>;

TEST_F(List, StartsEmpty) {
    EXPECT_TRUE(list_is_empty(&head));
    EXPECT_EQ(list_first(&head), nullptr);
    EXPECT_EQ(list_last(&head), nullptr);
    EXPECT_EQ(forward(), Numbers{});
}

TEST_F(List, AppendsAndPrepends) {
    list_append(&head, &items[1].link);
    list_append(&head, &items[2].link);
    list_prepend(&head, &items[0].link);
    EXPECT_EQ(forward(), (Numbers{0, 1, 2}));
    EXPECT_EQ(backward(), (Numbers{2, 1, 0}));
    EXPECT_FALSE(list_is_empty(&head));
    EXPECT_FALSE(list_is_empty(&items[1].link));
    EXPECT_EQ(list_first(&head), &items[0].link);
    EXPECT_EQ(list_last(&head), &items[2].link);
}

TEST_F(List, InsertsBeforeAPosition) {
    list_append(&head, &items[0].link);
    list_append(&head, &items[2].link);
    list_insert_before(&items[2].link, &items[1].link);
    list_insert_before(&items[0].link, &items[3].link);
    EXPECT_EQ(forward(), (Numbers{3, 0, 1, 2}));
    EXPECT_EQ(backward(), (Numbers{2, 1, 0, 3}));
}

TEST_F(List, NextEndsWithNull) {
    list_append(&head, &items[0].link);
    list_append(&head, &items[1].link);
    EXPECT_EQ(list_next(&head, &head), &items[0].link);
    EXPECT_EQ(list_next(&head, &items[0].link), &items[1].link);
    EXPECT_EQ(list_next(&head, &items[1].link), nullptr);
}

TEST_F(List, RemovesAnyNodeAndTwiceIsHarmless) {
    for (Item &item : items) {
        list_append(&head, &item.link);
    }
    list_remove(&items[1].link);
    list_remove(&items[1].link);
    EXPECT_TRUE(list_is_empty(&items[1].link));
    EXPECT_EQ(forward(), (Numbers{0, 2, 3}));
    list_remove(&items[0].link);
    list_remove(&items[3].link);
    EXPECT_EQ(forward(), (Numbers{2}));
    EXPECT_EQ(backward(), (Numbers{2}));
    list_remove(&items[2].link);
    EXPECT_TRUE(list_is_empty(&head));
}

TEST_F(List, AnObjectIsInTwoListsAtOnce) {
    struct list other;
    list_init(&other);
    list_append(&head, &items[0].link);
    list_append(&other, &items[0].other_link);
    EXPECT_EQ(LIST_CONTAINER(list_first(&other), Item, other_link), &items[0]);
    list_remove(&items[0].link);
    EXPECT_FALSE(list_is_empty(&other));
}

TEST_F(List, RemovesWhileVisiting) {
    for (Item &item : items) {
        list_append(&head, &item.link);
    }
    Numbers visited;
    LIST_FOR_EACH_REMOVABLE(node, &head) {
        Item *item = LIST_CONTAINER(node, Item, link);
        visited.push_back(item->number);
        if (item->number % 2 == 0) {
            list_remove(node);
        }
    }
    EXPECT_EQ(visited, (Numbers{0, 1, 2, 3}));
    EXPECT_EQ(forward(), (Numbers{1, 3}));
}

TEST_F(List, AgreesWithAVectorOverRandomOperations) {
    std::mt19937 random(1);
    Numbers model;
    for (int step = 0; step < 2000; step++) {
        Item &item = items[random() % items.size()];
        bool linked = !list_is_empty(&item.link);
        if (linked) {
            list_remove(&item.link);
            std::erase(model, item.number);
        } else if (random() % 2 == 0) {
            list_append(&head, &item.link);
            model.push_back(item.number);
        } else {
            list_prepend(&head, &item.link);
            model.insert(model.begin(), item.number);
        }
        ASSERT_EQ(forward(), model);
        ASSERT_EQ(backward(), Numbers(model.rbegin(), model.rend()));
    }
}

} // namespace
